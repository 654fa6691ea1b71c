using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;
using Trivet.Core.Upstreams;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;

namespace Trivet.Core.Relay;

/// <summary>
/// Counts a conversation's tokens: by the upstream's own counter where it has one for the client's protocol, else by a local estimate, which says so in
/// <c>x-trivet-estimated</c>. Without an answer agents spend inference calls on it.
/// </summary>
public sealed class TokenCounting(UpstreamStates upstreams, LoadGate load, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly RelayCallPool _pool = new();

    /// <summary>Answers one counting request.</summary>
    public async Task RunAsync(IClientExchange client, Protocol protocol, GatewaySnapshot snapshot, KeySnapshot keys, PathTarget? target = null)
    {
        var call = _pool.Rent();
        var now = time.GetUtcNow();
        call.Begin(client, WireFormats.For(protocol), snapshot, RequestIds.NewRequest(now), time.GetTimestamp(), now.ToUnixTimeMilliseconds(), target);
        var failure = load.Enter(snapshot.Config.Limits, call.StartedTimestamp);
        call.Load = failure is null ? load : null;
        try
        {
            failure ??= Authenticate(call, keys);
            failure ??= await RequestBody.ReadAsync(call, time);
            await SocketThreads.LeaveForAsync(call.Body.Length);
            failure ??= Prepare(call);
            if (failure is not null)
                await ErrorAnswer.WriteAsync(call, failure);
            else if (!await AskUpstreamAsync(call))
                await EstimateAsync(call);
        }
        finally
        {
            if (call.Load is not null)
                load.Exit();
            _pool.Return(call);
        }
    }

    private static Failure? Authenticate(RelayCall call, KeySnapshot keys)
    {
        var isKnown = keys.Authenticate(call.Client.PresentedKey, call.StartedMs, out var key) == KeyVerdict.Accepted;
        call.Key = key;
        return isKnown ? null : new Failure(FailureKind.ClientKeyRefused);
    }

    private static Failure? Prepare(RelayCall call)
    {
        if (!call.TryScan(out var error))
            return new Failure(FailureKind.ClientRequestInvalid) { Detail = error!.Message };
        if (!call.Key!.Allows(call.Scan.Model))
            return new Failure(FailureKind.ClientModelForbidden) { Detail = $"It was '{RecordText.Cut(call.Scan.Model)}'." };
        if (!call.Snapshot.TryResolve(call.Scan.Model, out var route))
            return RequestPolicy.Unserved(call.Snapshot, call.Scan.Model);
        call.Route = route;
        return null;
    }

    private async ValueTask<bool> AskUpstreamAsync(RelayCall call)
    {
        // Only the first candidate counts as the request would be counted.
        var offering = call.Route!.Candidates[0];
        var endpoint = offering.Upstream.EndpointFor(call.Format.Protocol);
        if (endpoint is null || !offering.Quirks(endpoint.Protocol).CountTokens || endpoint.CountTokensUrlFor(offering.Model) is not { } url)
            return false;
        var state = upstreams.For(offering.Upstream);
        var credential = state.PickCredential(0, offering.Model, call.StartedMs, null);
        call.Format.CollectEdits(call.Body.WrittenSpan, call.Scan, offering, call.Edits);
        using var message = new HttpRequestMessage(HttpMethod.Post, url) { Content = call.Sent = new RequestBodyContent(call.Body.WrittenMemory, call.Edits) };
        call.Client.CopyHeadersTo(message);
        UpstreamRequest.Authorize(message, endpoint.Auth, credential?.Credential.Key.Reveal());
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            using var response = await state.Connections.SendAsync(message, patience.Token);
            if (!response.IsSuccessStatusCode)
                return false;
            await using var stream = await UpstreamAnswer.OpenAsync(response, patience.Token);
            if (!await UpstreamAnswer.ReadAllAsync(stream, call.Held, patience.Token))
                return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }

        call.Client.SetHeader("x-trivet-upstream", offering.Upstream.Name);
        await AnswerAsync(call);
        return true;
    }

    private static async ValueTask EstimateAsync(RelayCall call)
    {
        call.Held.Clear();
        var tokens = Math.Max(1, call.Scan.InputTokensEstimate);
        if (call.Format.Protocol == Protocol.Gemini)
            GeminiTokenCount.Write(tokens, call.Held);
        else
            AnthropicMessagesTokenCount.Write(tokens, call.Held);
        call.Client.SetHeader("x-trivet-estimated", "true");
        await AnswerAsync(call);
    }

    private static async ValueTask AnswerAsync(RelayCall call)
    {
        call.Client.SetHeader("x-trivet-request-id", call.RequestId);
        call.Output.Open(200, "application/json", call.Held.Length);
        await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted);
    }
}
