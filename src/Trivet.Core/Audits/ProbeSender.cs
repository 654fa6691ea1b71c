using System.Text;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Connections;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Audits;

/// <summary>Asks one offering questions. A fleet is simulated behind it, with all else real.</summary>
internal interface IProber : IDisposable
{
    /// <summary>Whom.</summary>
    Offering Offering { get; }

    /// <summary>The protocol that it is asked in.</summary>
    Protocol Protocol { get; }

    /// <summary>Asks one question; a failure is an answer.</summary>
    Task<ProbeAnswer> AskAsync(ProbeQuestion question, CancellationToken cancellationToken);
}

/// <summary>
/// Asks one offering a probe's question the way the relay would: the same writer with the vendor's quirks, the same headers, connections and deadlines. Reads the answer itself, for a test wants the
/// body as it came as well as what it means. Retries nothing.
/// </summary>
internal sealed class ProbeSender : IProber
{
    private const int AnswerBytesMax = 4 << 20;
    private const ulong OneAccount = 1;      // a session of its own: prompt caches belong to an account, and so do the tests of them

    private static readonly GatewaySnapshot NoConfiguration = GatewaySnapshot.Compile(new GatewayConfig());

    private readonly UpstreamState _state;
    private readonly EndpointConfig _endpoint;
    private readonly MediaConnections _media = new();
    private readonly TimeProvider _time;

    public ProbeSender(Offering offering, TimeProvider time)
    {
        (Offering, _time) = (offering, time);
        _state = new UpstreamState(offering.Upstream, time);
        _endpoint = offering.Upstream.Endpoints[0];
    }

    public Offering Offering { get; }

    /// <summary>The protocol that it is asked in: the upstream's first.</summary>
    public Protocol Protocol => _endpoint.Protocol;

    public async Task<ProbeAnswer> AskAsync(ProbeQuestion question, CancellationToken cancellationToken)
    {
        using var call = new RelayCall();
        var now = _time.GetUtcNow();
        call.Begin(new NobodysExchange(cancellationToken), WireFormats.For(Protocol.OpenAIChat), NoConfiguration, RequestIds.NewRequest(now), _time.GetTimestamp(), now.ToUnixTimeMilliseconds());
        (call.Loss, call.Canonical) = (LossPolicyOverride.Allow, Canonical(question));
        var attempt = new Attempt
        {
            Id = RequestIds.NewAttempt(call.RequestId, 1),
            Ordinal = 1,
            Offering = Offering,
            Upstream = _state,
            Credential = _state.PickCredential(OneAccount, Offering.Model, call.StartedMs, null),
            Endpoint = _endpoint,
            StartedTimestamp = call.StartedTimestamp,
            StartedMs = call.StartedMs,
            FirstContentLimit = Offering.Upstream.Deadlines.FirstContent,
            IsPassThrough = false,
        };
        var (message, refusal) = await new UpstreamRequest(new MediaInlining(new MediaFetcher(_media), _time)).BuildAsync(call, attempt);
        return refusal is null ? await SendAsync(call, attempt, message!, cancellationToken) : new ProbeAnswer { Failure = refusal };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        _media.Dispose();
    }

    private async Task<ProbeAnswer> SendAsync(RelayCall call, Attempt attempt, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Offering.Upstream.Deadlines.Total, _time);
        await using var leaving = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            using var sent = message;
            using var response = await _state.Connections.SendAsync(sent, patience.Token);
            if (!response.IsSuccessStatusCode)
                return new ProbeAnswer { Failure = await UpstreamAnswer.ReadErrorAsync(call, attempt, response, _time.GetUtcNow(), patience.Token) };
            await using var stream = await UpstreamAnswer.OpenAsync(response, patience.Token);
            using var buffer = new PooledBuffer();
            return await UpstreamAnswer.ReadAllAsync(stream, buffer, AnswerBytesMax, patience.Token)
                ? Read(buffer.WrittenMemory.ToArray())
                : new ProbeAnswer { Failure = new Failure(FailureKind.UpstreamMalformed) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeAnswer { Failure = new Failure(FailureKind.UpstreamTotalTimeout) };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return new ProbeAnswer { Failure = new Failure(UpstreamFailures.FromException(exception)) { Internal = exception.GetBaseException().Message } };
        }
    }

    private ProbeAnswer Read(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        if (!WireFormats.Upstream(Protocol).TryReadResponse(body, Offering, out var response, out var error))
            return new ProbeAnswer { Failure = new Failure(error is null ? FailureKind.UpstreamMalformed : UpstreamFailures.FromError(0, error)) { UpstreamError = error }, Body = text };
        return new ProbeAnswer
        {
            Text = string.Concat(response!.Blocks.OfType<TextBlock>().Select(block => block.Text.ToString())),
            Arguments = response.Blocks.OfType<ToolCallBlock>().FirstOrDefault() is { } call ? Encoding.UTF8.GetString(call.Arguments.Span) : null,
            StopReason = response.StopReason,
            Usage = response.Usage,
            Model = response.Model,
            Thoughts = [.. response.Blocks.OfType<ReasoningBlock>().Where(block => !block.Signature.IsEmpty).Select(block => new SignedThought(block.Text.ToString(), block.Signature.ToString()))],
            Body = text,
        };
    }

    private CanonicalRequest Canonical(ProbeQuestion question)
    {
        // A signed thought is its protocol's own: written as one that was read from it.
        var request = new CanonicalRequest { Origin = question.Signed is null ? Protocol.OpenAIChat : Protocol.AnthropicMessages, Model = Offering.Model, MaxOutputTokens = question.TokensMax, Sampling = new Sampling { Temperature = question.Temperature } };
        if (question.System is { } system)
            request.Turns.Add(Said(Role.System, system));
        foreach (var turn in question.Earlier)
            request.Turns.Add(Said(turn.IsUser ? Role.User : Role.Assistant, turn.Text));
        if (question.Signed is { } signed)
        {
            var answered = new Turn(Role.Assistant);
            answered.Blocks.Add(new ReasoningBlock { Text = signed.Thought.Text, Signature = signed.Thought.Signature });
            answered.Blocks.Add(new TextBlock(signed.Text));
            request.Turns.Add(answered);
        }

        if (question.ThinkingTokens is { } thinking)
            request.Reasoning = new ReasoningRequest { Mode = ReasoningMode.Enabled, BudgetTokens = thinking };
        request.Turns.Add(Said(Role.User, question.Text));
        if (question.Tool is { } tool)
        {
            request.Tools.Add(new Tool { Name = tool.Name, Description = tool.Description, Parameters = new RawJson(Encoding.UTF8.GetBytes(tool.Parameters)) });
            request.ToolChoice = tool.IsForced ? new ToolChoice(ToolChoiceMode.Named) { Name = tool.Name } : null;
        }

        return request;
    }

    private static Turn Said(Role role, string text)
    {
        var turn = new Turn(role) { IsPlainString = true };
        turn.Blocks.Add(new TextBlock(text));
        return turn;
    }
}
