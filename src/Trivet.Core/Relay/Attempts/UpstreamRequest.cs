using System.Net;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Replay;
using Trivet.Core.Routing;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>Makes the request that an upstream gets: the client's own bytes with a few edits, or a translation.</summary>
internal sealed class UpstreamRequest(MediaInlining media)
{
    internal const string AnthropicVersion = "2023-06-01"; // the version that the recordings and both SDK generations understand

    /// <summary>Prepares the body. A failure means that this offering cannot be asked without losing what bounds the answer; nothing was sent.</summary>
    public async ValueTask<(HttpRequestMessage? Message, Failure? Refusal)> BuildAsync(RelayCall call, Attempt attempt)
    {
        RequestBodyContent content;
        if (attempt.IsPassThrough)
        {
            call.Edits.Clear();
            await ReplayRequests.EditAsync(call, attempt);
            call.Format.CollectEdits(call.Body.WrittenSpan, call.Scan, attempt.Offering, call.Edits);
            NoteIgnored(call, attempt);
            attempt.EditedOut = call.Edits.Lost.Count == 0 ? "" : string.Join(", ", call.Edits.Lost);
            content = new RequestBodyContent(call.Body.WrittenMemory, call.Edits);
        }
        else
        {
            if (await TranslateAsync(call, attempt) is { } refusal)
                return (null, refusal);
            content = new RequestBodyContent(call.Scratch.WrittenMemory, null);
        }

        call.Sent = content;
        var message = new HttpRequestMessage(HttpMethod.Post, Url(call, attempt)) { Content = content };
        if (attempt.Endpoint.BaseUri.Scheme == Uri.UriSchemeHttps)
            message.Version = HttpVersion.Version20;
        if (call.Client.OnSent is { } watcher)
            watcher(new UpstreamWords(attempt.Offering.Id, attempt.Endpoint.Protocol, message.RequestUri!.GetLeftPart(UriPartial.Path), !attempt.IsPassThrough, await content.ReadAsByteArrayAsync()));
        AddHeaders(call, attempt, message);
        return (message, null);
    }

    // What the vendor is known to take and ignore goes to it all the same, and the client hears of it.
    private static void NoteIgnored(RelayCall call, Attempt attempt)
    {
        var quirks = attempt.Offering.Quirks(attempt.Endpoint.Protocol);
        foreach (var field in quirks.FieldsIgnored)
        {
            if (call.Scan.TryGetField(call.Body.WrittenSpan, Encoding.UTF8.GetBytes(field), out _))
                call.Edits.Lost.Add(field);
        }

        if (quirks.ToolChoiceIgnored != ToolChoices.None && call.Scan.Features.HasFlag(RequestFeatures.ForcedTool))
            call.Edits.Lost.Add("tool_choice");
    }

    // Google's own switches stand in the query ($fields, prettyPrint); the form and the key are Trivet's to say.
    private static Uri Url(RelayCall call, Attempt attempt)
    {
        var url = attempt.IsPassThrough ? call.Format.UrlFor(attempt.Endpoint, attempt.Offering, call.Scan.Stream) : attempt.Endpoint.UrlFor(attempt.Offering.Model, call.Scan.Stream);
        if (call.Target is null || !attempt.IsPassThrough || call.Client.Query.Length < 2)
            return url;
        var kept = call.Client.Query[1..].Split('&').Where(static pair => pair.Length > 0 && pair.Split('=')[0] is not ("key" or "alt" or "%24alt" or "$alt")).ToList();
        return kept.Count == 0 ? url : new Uri(url.OriginalString + (url.Query.Length > 0 ? "&" : "?") + string.Join('&', kept));
    }

    private async ValueTask<Failure?> TranslateAsync(RelayCall call, Attempt attempt)
    {
        if (call.Format.VendorStateRefusal(call.Body.WrittenSpan, call.Scan) is { } stateful)
            return stateful;
        if (call.Canonical is null)
        {
            if (!call.Format.TryReadRequest(call.Body.WrittenMemory, out var canonical, out var error))
                return new Failure(FailureKind.ClientRequestInvalid) { UpstreamError = error };
            call.Canonical = canonical;
            if (call.Target is not null)
                (canonical!.Model, canonical.Stream) = (call.Scan.Model, call.Scan.Stream);
        }

        if (MediaInlining.IsNeeded(call, attempt.Offering, attempt.Endpoint) && await media.InlineAsync(call, attempt.Offering, call.Canonical!) is { } failure)
            return failure;

        await ReplayRequests.ApplyAsync(call, attempt);
        call.ClearScratch();
        call.Canonical!.Aliases.Clear();
        var told = AnswerChecks.AskAgain(call);
        Write(call, attempt, call.Canonical!);
        AnswerChecks.TakeBack(call, told);
        Enforcing.Take(call, attempt);
        return Refusal(call, attempt.Losses);
    }

    // What makes a model go on stands in the request only while it is written: the next attempt may be asked otherwise.
    private static void Write(RelayCall call, Attempt attempt, CanonicalRequest request)
    {
        var max = request.MaxOutputTokens;
        var added = 0;
        if (call.Continuation is { } going)
        {
            added = going.Extend(request, attempt.Offering.Quirks(attempt.Endpoint.Protocol));
            request.MaxOutputTokens = going.LeftOf(max);
        }

        WireFormats.Upstream(attempt.Endpoint.Protocol).WriteRequest(request, attempt.Offering, call.Scratch, attempt.Losses);
        request.Turns.RemoveRange(request.Turns.Count - added, added);
        request.MaxOutputTokens = max;
    }

    private static Failure? Refusal(RelayCall call, LossList losses)
    {
        if (losses.IsEmpty)
            return null;
        var policy = call.Loss switch
        {
            LossPolicyOverride.Allow => LossPolicy.Allow,
            LossPolicyOverride.Safe => LossPolicy.Safe,
            LossPolicyOverride.Strict => LossPolicy.Strict,
            _ => call.Route!.Loss,
        };
        if (policy == LossPolicy.Allow)
            return null;
        foreach (var rule in losses.Rules)
        {
            if (policy == LossPolicy.Strict || rule.Bounds)
                return new Failure(FailureKind.ClientCapabilityMissing) { Detail = $"capability_rejected: {rule.Field}: {rule.Why} Send 'x-trivet-loss: allow' to go without it." };
        }

        return null;
    }

    private static void AddHeaders(RelayCall call, Attempt attempt, HttpRequestMessage message)
    {
        if (attempt.IsPassThrough)
            call.Client.CopyHeadersTo(message);
        var quirks = attempt.Offering.Quirks(attempt.Endpoint.Protocol);
        foreach (var dropped in quirks.HeadersDropped)
            message.Headers.Remove(dropped);
        if (attempt.Endpoint.Protocol == Protocol.AnthropicMessages && !message.Headers.NonValidated.Contains("anthropic-version"))
            message.Headers.TryAddWithoutValidation("anthropic-version", AnthropicVersion);
        foreach (var (name, value) in attempt.Offering.Upstream.Headers)
        {
            message.Headers.Remove(name);
            message.Headers.TryAddWithoutValidation(name, value.Reveal());
        }

        Authorize(message, attempt.Endpoint.Auth, attempt.Credential?.Credential.Key.Reveal());
    }

    /// <summary>Puts a credential on a request in the places that the endpoint wants it.</summary>
    public static void Authorize(HttpRequestMessage message, AuthScheme scheme, string? key)
    {
        if (key is null)
            return;
        if (scheme.HasFlag(AuthScheme.Bearer))
            message.Headers.TryAddWithoutValidation("authorization", "Bearer " + key);
        if (scheme.HasFlag(AuthScheme.XApiKey))
            message.Headers.TryAddWithoutValidation("x-api-key", key);
        if (scheme.HasFlag(AuthScheme.XGoogApiKey))
            message.Headers.TryAddWithoutValidation("x-goog-api-key", key);
        if (scheme.HasFlag(AuthScheme.QueryKey))
            message.RequestUri = new Uri(message.RequestUri!.OriginalString + (message.RequestUri.Query.Length > 0 ? "&key=" : "?key=") + Uri.EscapeDataString(key));
    }
}
