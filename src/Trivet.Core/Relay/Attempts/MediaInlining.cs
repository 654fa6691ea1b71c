using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>Turns media that a client gave by URL into data, for upstreams that take no URLs.</summary>
internal sealed class MediaInlining(MediaFetcher fetcher, TimeProvider time)
{
    /// <summary>Whether an attempt needs it: it then leaves the pass-through path.</summary>
    public static bool IsNeeded(RelayCall call, Offering offering, EndpointConfig endpoint) =>
        call.Scan.Features.HasFlag(RequestFeatures.MediaByUrl)
        && (endpoint.Protocol == Protocol.BedrockConverse || offering.Quirks(endpoint.Protocol).Images == ImageSupport.DataOnly); // Converse knows no addresses

    /// <summary>Fetches what is given by URL. Once per request: later attempts find the data.</summary>
    public async ValueTask<Failure?> InlineAsync(RelayCall call, Offering offering, CanonicalRequest request)
    {
        foreach (var turn in request.Turns)
        {
            if (await InlineAsync(call, offering, turn.Blocks) is { } failure)
                return failure;
        }

        return null;
    }

    private async ValueTask<Failure?> InlineAsync(RelayCall call, Offering offering, List<Block> blocks)
    {
        foreach (var block in blocks)
        {
            if (block is ToolResultBlock result && await InlineAsync(call, offering, result.Content) is { } inner)
                return inner;
            if (block is not MediaBlock { Url.IsEmpty: false, Data.IsEmpty: true } media || media.Kind is not (MediaKind.Image or MediaKind.Document))
                continue;
            var fetch = await fetcher.FetchAsync(media.Url.ToString(), call.Snapshot.Config.ImageFetch, offering.Upstream.AllowPrivateImages, time, call.Client.Aborted);
            if (fetch.Problem is not null)
                return new Failure(FailureKind.ClientRequestInvalid) { Detail = $"This upstream takes pictures as data only, and the one at the given URL was not fetched: {fetch.Problem}." };
            (media.MediaType, media.Data, media.Url) = (fetch.MediaType, fetch.Base64, default);
        }

        return null;
    }
}
