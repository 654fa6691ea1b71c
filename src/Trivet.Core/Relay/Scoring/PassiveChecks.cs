using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Core.Relay.Scoring;

/// <summary>
/// Looks at answers on their way: at what is known anyway in every one, at all of it in some. Which ones are looked at whole is decided before they are asked for, by the request's id alone,
/// so that no upstream can tell and no answer's looks decide.
/// </summary>
internal static class PassiveChecks
{
    /// <summary>The first answers of an offering are all looked at, until something is known of it.</summary>
    private const int FirstAnswers = 20;

    /// <summary>Then one in so many; of requests that are long to read fewer, in proportion.</summary>
    private const uint OneIn = 64;
    private const int BodyBytesPerShare = 16 * 1024;
    private const int BodyBytesMax = 4 << 20;

    /// <summary>A limit that an answer says it has reached, and of which it has used less than this share.</summary>
    private const double LimitUseMin = 0.5;

    /// <summary>Before an attempt is sent: keeps of its request what a look at the whole answer needs; nothing where it is not one of those.</summary>
    public static void Begin(RelayCall call, Attempt attempt, Scorecard card)
    {
        if (call.Format.OnlyPasses || call.Continuation is not null || !IsChosen(call, attempt, card))
            return;
        var request = call.Canonical;
        if (request is not null || call.Format.TryReadRequest(call.Body.WrittenMemory, out request, out _))
            attempt.Sample = new AnswerSample(AnswerQuestion.Of(request!), attempt.Endpoint.Protocol) { KeepsText = call.Snapshot.Config.Audits.ReadsAnswers };
    }

    /// <summary>An answer is whole, and the client has it.</summary>
    public static void End(RelayCall call, Attempt attempt, Scorecard card, long nowMs)
    {
        if (call.Format.OnlyPasses)
            return;
        var findings = Free(call, attempt, card);
        if (attempt.Sample?.Judge() is { } whole)
            findings = new CheckFindings(findings.Bits | whole.Bits, IsWhole: true);
        card.RecordChecks(findings, nowMs);
        if (attempt.Sample?.Text is { } text)
            card.RecordManner(text);
    }

    /// <summary>An answer was not shown because it is not what its request demanded. All answers to such demands are looked at, those that pass too.</summary>
    public static void EndUnfit(Scorecard card, long nowMs) => card.RecordChecks(new CheckFindings(0, IsWhole: true).With(CheckKind.SchemaUnfit), nowMs);

    /// <summary>Whether the hash of a request's id chooses it.</summary>
    internal static bool IsChosen(string requestId, int bodyBytes) => Hash(requestId) % (OneIn * (1 + (uint)(bodyBytes / BodyBytesPerShare))) == 0;

    private static bool IsChosen(RelayCall call, Attempt attempt, Scorecard card) =>
        call.Body.Length <= BodyBytesMax && (attempt.Demands != AnswerDemands.None || card.TakesFirstCheck(FirstAnswers) || IsChosen(call.RequestId, call.Body.Length));

    private static CheckFindings Free(RelayCall call, Attempt attempt, Scorecard card)
    {
        var (tap, findings) = (call.Tap, CheckFindings.None);
        if ((!tap.HasContent || attempt.IsEmptyAnswer) && tap.StopReason is StopReason.EndTurn or StopReason.ToolCalls)
            findings = findings.With(CheckKind.Empty);
        if (tap.StopReason == StopReason.Error || tap is { StopReason: StopReason.MaxTokens, Usage: { IsEstimate: false } used } && used.OutputTotal < LimitUseMin * call.Scan.MaxOutputTokens)
            findings = findings.With(CheckKind.Truncated);
        if (tap is { HasContent: true, Usage: { IsEstimate: false, OutputTotal: 0, InputTotal: > 0 } } && !attempt.IsEmptyAnswer)
            findings = findings.With(CheckKind.UsageAmiss);
        return card.AnswersAsOther(attempt.Offering, tap.Model, call.Snapshot.Config.Catalogue) ? findings.With(CheckKind.OtherModel) : findings;
    }

    // FNV-1a: the same on every node, which the runtime's own hash is not.
    private static uint Hash(string id)
    {
        var hash = 2166136261u;
        foreach (var unit in id)
            hash = (hash ^ unit) * 16777619u;
        return hash ^ (hash >> 15);
    }
}

/// <summary>An answer that is looked at whole: what was asked, and a copy of what comes, up to a bound.</summary>
internal sealed class AnswerSample(AnswerQuestion question, Protocol protocol)
{
    private readonly ResponseFolder _folder = new(protocol);
    private BoundedSink? _copy;
    private CheckFindings? _findings;

    /// <summary>The operator allows that the text is read for its manner.</summary>
    public bool KeepsText { get; init; }

    /// <summary>The text of an answer that was judged; null where it is not to be kept.</summary>
    public string? Text { get; private set; }

    /// <summary>Takes the answer as it streams; what becomes of it is nobody's but this sample's.</summary>
    public IStreamSink Copy => _copy ??= new BoundedSink(_folder);

    /// <summary>Judges an answer that came whole, while its bytes are there.</summary>
    public void Take(CanonicalResponse response)
    {
        _findings = AnswerChecker.Judge(question, response);
        Text = KeepsText ? AnswerChecker.TextOf(response) : null;
    }

    /// <summary>What was found; null where the answer did not come to its end or is too long to be judged.</summary>
    public CheckFindings? Judge()
    {
        if (_findings is null && _folder.IsComplete && _copy is { IsOver: false })
            Take(_folder.Response);
        return _findings;
    }
}
