using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Connections;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Probing;

/// <summary>
/// Asks an upstream one tiny real question, on the same path as a client's request: the same writer with the vendor's quirks, the same connections,
/// deadlines and readers. Sends once, retries nothing and books nothing; it costs the price of about a dozen tokens.
/// </summary>
public sealed class UpstreamProbe(TimeProvider time)
{
    // Some vendors refuse fewer than 16 tokens; models that always think spend them on that.
    private const string Question = """{"model":"probe","max_tokens":32,"messages":[{"role":"user","content":"Say ok."}]}""";

    private const string GeminiQuestion = """{"contents":[{"role":"user","parts":[{"text":"Say ok."}]}],"generationConfig":{"maxOutputTokens":32}}""";

    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(5);
    private static readonly GatewaySnapshot NoConfiguration = GatewaySnapshot.Compile(new GatewayConfig());

    /// <summary>Asks <paramref name="model"/> over the protocol of <paramref name="endpoint"/>.</summary>
    /// <param name="upstream">Which upstream; its deadlines bound the probe.</param>
    /// <param name="endpoint">One of its endpoints.</param>
    /// <param name="credential">The key to try; null where the upstream has none.</param>
    /// <param name="model">The model as the upstream calls it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProbeResult> AskAsync(UpstreamConfig upstream, EndpointConfig endpoint, Credential? credential, string model, CancellationToken cancellationToken)
    {
        using var state = new UpstreamState(upstream, time);
        using var call = new RelayCall();
        var now = time.GetUtcNow();
        call.Begin(new NobodysExchange(cancellationToken), WireFormats.For(AskedIn(endpoint.Protocol)), NoConfiguration, RequestIds.NewRequest(now), time.GetTimestamp(), now.ToUnixTimeMilliseconds());
        call.Loss = LossPolicyOverride.Allow;
        var body = Encoding.UTF8.GetBytes(QuestionIn(endpoint.Protocol));
        body.CopyTo(call.Body.GetMemory(body.Length));
        call.Body.Advance(body.Length);
        var attempt = new Attempt
        {
            Id = RequestIds.NewAttempt(call.RequestId, 1),
            Ordinal = 1,
            Offering = new Offering(upstream, model),
            Upstream = state,
            Credential = credential is null ? null : new CredentialState(credential),
            Endpoint = endpoint,
            StartedTimestamp = time.GetTimestamp(),
            StartedMs = call.StartedMs,
            FirstContentLimit = upstream.Deadlines.FirstContent,
            IsPassThrough = false, // written anew, so that the vendor's quirks (the name of max_tokens) are applied
        };
        var failure = call.Format.TryScan(call.Body.WrittenMemory, call.Scan, out var error) ? null : new Failure(FailureKind.ClientRequestInvalid) { UpstreamError = error };
        if (failure is null)
        {
            using var media = new MediaConnections();
            (var message, failure) = await new UpstreamRequest(new MediaInlining(new MediaFetcher(media), time)).BuildAsync(call, attempt);
            failure ??= await SendAsync(call, attempt, message!);
        }

        return new ProbeResult(upstream, endpoint, credential?.Id, model)
        {
            Failure = failure,
            Reach = failure?.Kind == FailureKind.UpstreamUnreachable ? await DiagnoseAsync(upstream, endpoint.BaseUri, failure, cancellationToken) : Reachability.Reached,
            HttpStatus = attempt.HttpStatus,
            Duration = time.GetElapsedTime(attempt.StartedTimestamp),
            ModelAnswered = call.Tap.Model,
            Usage = call.Tap.Usage,
        };
    }

    // What no client speaks is asked in Chat.
    private static Protocol AskedIn(Protocol protocol) => WireFormats.HasClients(protocol) ? protocol : Protocol.OpenAIChat;

    private static string QuestionIn(Protocol protocol) => protocol == Protocol.Gemini ? GeminiQuestion : Question;

    /// <summary>The first of the upstream's own list of models; null where it has none or does not show it.</summary>
    public async Task<string?> FirstModelAsync(UpstreamConfig upstream, EndpointConfig endpoint, Credential? credential, CancellationToken cancellationToken)
    {
        using var state = new UpstreamState(upstream, time);
        using var message = new HttpRequestMessage(HttpMethod.Get, endpoint.ModelsUrl);
        if (endpoint.Protocol == Protocol.AnthropicMessages)
            message.Headers.TryAddWithoutValidation("anthropic-version", UpstreamRequest.AnthropicVersion);
        UpstreamRequest.Authorize(message, endpoint.Auth, credential?.Key.Reveal());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ListPatience);
        try
        {
            using var response = await state.Connections.SendAsync(message, patience.Token);
            if (!response.IsSuccessStatusCode)
                return null;
            await using var stream = await UpstreamAnswer.OpenAsync(response, patience.Token);
            using var list = await JsonDocument.ParseAsync(stream, default, patience.Token);
            if (endpoint.Protocol == Protocol.Gemini)
                return FirstGeminiModel(list.RootElement);
            return list.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0
                && data[0].TryGetProperty("id", out var id) ? id.GetString() : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? FirstGeminiModel(JsonElement list)
    {
        const string Collection = "models/";
        if (!list.TryGetProperty("models", out var models) || models.ValueKind != JsonValueKind.Array || models.GetArrayLength() == 0 || !models[0].TryGetProperty("name", out var name))
            return null;
        var resource = name.GetString();
        return resource?.StartsWith(Collection, StringComparison.Ordinal) == true ? resource[Collection.Length..] : resource;
    }

    private async Task<Failure?> SendAsync(RelayCall call, Attempt attempt, HttpRequestMessage message)
    {
        using (message)
            return await new AttemptRunner(null, null, time).RunAsync(call, attempt, message);
    }

    // The HTTP client's exception has become a kind by now; a look-up of our own tells a wrong name from a closed port.
    private static async Task<Reachability> DiagnoseAsync(UpstreamConfig upstream, Uri url, Failure failure, CancellationToken cancellationToken)
    {
        var said = failure.Internal ?? "";
        if (said.Contains("SSL", StringComparison.Ordinal) || said.Contains("certificate", StringComparison.OrdinalIgnoreCase) || said.Contains("TLS", StringComparison.Ordinal)
            || (url.Scheme == Uri.UriSchemeHttps && said.Contains("frame", StringComparison.Ordinal)))
            return Reachability.TlsFailed;
        var host = upstream.Proxy?.Address.Host ?? url.Host;
        try
        {
            await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException)
        {
            return Reachability.NameUnknown;
        }

        return said.Contains("refused", StringComparison.OrdinalIgnoreCase) ? Reachability.Refused : Reachability.Unreachable;
    }
}

/// <summary>What came of a probe.</summary>
/// <param name="Upstream">Who was asked.</param>
/// <param name="Endpoint">Where and in which protocol.</param>
/// <param name="CredentialId">With which credential; null for none.</param>
/// <param name="Model">The model.</param>
public sealed record ProbeResult(UpstreamConfig Upstream, EndpointConfig Endpoint, string? CredentialId, string Model)
{
    /// <summary>Null where it answered.</summary>
    public Failure? Failure { get; init; }

    /// <summary>How far the connection got.</summary>
    public Reachability Reach { get; init; }

    /// <summary>The upstream's status; 0 where it sent none.</summary>
    public int HttpStatus { get; init; }

    /// <summary>From sending to the whole answer.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The model that says it answered; empty where none did.</summary>
    public string ModelAnswered { get; init; } = "";

    /// <summary>Tokens; null where it said nothing of them.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The address that was asked.</summary>
    public Uri Url => Endpoint.UrlFor(Model, stream: false);
}

/// <summary>How far a connection got.</summary>
public enum Reachability
{
    /// <summary>It stood.</summary>
    Reached,

    /// <summary>The name has no address.</summary>
    NameUnknown,

    /// <summary>Nothing listens there.</summary>
    Refused,

    /// <summary>The connection stood, TLS did not.</summary>
    TlsFailed,

    /// <summary>Anything else on the way.</summary>
    Unreachable,
}
