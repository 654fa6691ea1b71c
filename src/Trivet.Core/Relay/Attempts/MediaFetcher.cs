using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;
using Trivet.Core.Upstreams.Connections;

namespace Trivet.Core.Relay.Attempts;

/// <summary>
/// Fetches a picture or document that a client gave by URL, for an upstream that takes data only. A client chooses the address, so this is where a
/// forged request would go out: <see cref="MediaConnections"/> checks every address, redirects are checked anew, size and time are bounded.
/// </summary>
public sealed class MediaFetcher(MediaConnections connections)
{
    private const int RedirectsMax = 3;

    /// <summary>The media, or what was wrong.</summary>
    public async ValueTask<MediaFetch> FetchAsync(string url, ImageFetchConfig limits, bool allowPrivate, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limits.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await FollowAsync(url, limits.BytesMax, connections.For(allowPrivate || limits.AllowPrivateNetworks), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return MediaFetch.Failed("it took too long");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return MediaFetch.Failed(exception.GetBaseException() is PrivateAddressException ? "its address is in a private network" : "it could not be fetched");
        }
    }

    private static async ValueTask<MediaFetch> FollowAsync(string url, long bytesMax, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
            return MediaFetch.Failed("its URL is not absolute");
        for (var hop = 0; hop <= RedirectsMax; hop++)
        {
            if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
                return MediaFetch.Failed("its URL is neither http nor https");
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await invoker.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } next)
            {
                address = new Uri(address, next);
                continue;
            }

            return response.IsSuccessStatusCode ? await ReadAsync(response, bytesMax, cancellationToken) : MediaFetch.Failed($"its server answered {(int)response.StatusCode}");
        }

        return MediaFetch.Failed("it redirects too often");
    }

    private static async ValueTask<MediaFetch> ReadAsync(HttpResponseMessage response, long bytesMax, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && !type.Equals("application/pdf", StringComparison.OrdinalIgnoreCase))
            return MediaFetch.Failed($"it is '{(type.Length == 0 ? "of no stated type" : type)}', not a picture or PDF");
        if (response.Content.Headers.ContentLength > bytesMax)
            return MediaFetch.Failed("it is too large");
        using var buffer = new Wire.Json.PooledBuffer();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(16 * 1024), cancellationToken);
            await SocketThreads.LeaveForAsync(buffer.Length);
            if (read == 0)
                return new MediaFetch(type.ToLowerInvariant(), Convert.ToBase64String(buffer.WrittenSpan), null);
            buffer.Advance(read);
            if (buffer.Length > bytesMax)
                return MediaFetch.Failed("it is too large");
        }
    }

}

/// <summary>What came of fetching media.</summary>
/// <param name="MediaType">Its MIME type; empty where it failed.</param>
/// <param name="Base64">The data.</param>
/// <param name="Problem">Why it failed, as the end of a sentence; null where it did not.</param>
public readonly record struct MediaFetch(string MediaType, string Base64, string? Problem)
{
    /// <summary>A failure.</summary>
    public static MediaFetch Failed(string problem) => new("", "", problem);
}
