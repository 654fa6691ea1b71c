using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;

namespace Trivet.Core.Audits;

/// <summary>One audit while it runs: asks within the budget, keeps every exchange, collects findings. Not thread-safe: an audit asks one question after another, as a person would.</summary>
internal sealed class AuditSession(AuditPlan plan, AuditPurse purse, IProber observed, IProber? reference, TimeProvider time, Action<Offering, ProbeAnswer, PriceQuote>? book = null)
{
    /// <summary>So many failures in a row end the audit: an upstream that does not answer cannot be audited.</summary>
    private const int FailuresInRowMax = 5;

    private int _failuresInRow;

    public AuditPlan Plan { get; } = plan;

    public bool HasReference => reference is not null;

    public Offering Observed => observed.Offering;

    public Offering? Reference => reference?.Offering;

    /// <summary>Why the last request that failed did.</summary>
    public Failure? LastFailure { get; private set; }

    public List<AuditExchange> Exchanges { get; } = [];

    public List<AuditFinding> Findings { get; } = [];

    /// <summary>Answers of the observed upstream, for the tests that cost nothing more.</summary>
    public List<(ProbeQuestion Question, ProbeAnswer Answer)> Answers { get; } = [];

    public int Failures { get; private set; }

    /// <summary>What is known of the observed offering's earlier answers, to which tests add; null where nothing is kept.</summary>
    public EnrolledPast? Past { get; set; }

    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Why nothing more is asked; null while something may be.</summary>
    public string? Stopped { get; private set; }

    /// <summary>Randomness of one test: another test's draws do not change it.</summary>
    public Random Random(string test) => new(HashOf(test) ^ Plan.Seed);

    /// <summary>Texts of one test.</summary>
    public Draw Draw(string test) => new(HashOf(test) ^ Plan.Seed, ItemLanguage.English);

    public Task<ProbeAnswer?> AskObservedAsync(string test, ProbeQuestion question, CancellationToken cancellationToken) => AskAsync(test, observed, question, cancellationToken);

    public Task<ProbeAnswer?> AskReferenceAsync(string test, ProbeQuestion question, CancellationToken cancellationToken) =>
        reference is null ? Task.FromResult<ProbeAnswer?>(null) : AskAsync(test, reference, question, cancellationToken);

    /// <summary>Notes a finding with the threshold that makes it a problem.</summary>
    public void Conclude(AuditFinding finding, double threshold)
    {
        var strength = finding.PValue ?? (finding.EValue is { } e ? 1 / e : 1);
        var found = CheckShares.IsOfChange(finding.Test) ? AuditVerdict.Changed : AuditVerdict.Problem;
        Findings.Add(finding with { Verdict = finding.Verdict == AuditVerdict.Clean && strength <= threshold ? found : finding.Verdict, Threshold = threshold });
    }

    public void NotRun(string test, string why) => Findings.Add(new AuditFinding(test, AuditVerdict.NotRun, Stopped is { } stopped && why.Length == 0 ? stopped : why));

    // Null where nothing was sent or nothing came back: a failure is the upstream's stability, not its honesty.
    private async Task<ProbeAnswer?> AskAsync(string test, IProber whom, ProbeQuestion question, CancellationToken cancellationToken)
    {
        if (Stopped is not null)
            return null;
        var chars = question.Text.Length + question.Earlier.Sum(turn => turn.Text.Length) + (question.Signed is { } signed ? signed.Text.Length + signed.Thought.Text.Length + signed.Thought.Signature.Length : 0) + (question.System?.Length ?? 0) + (question.Tool is { } tool ? tool.Parameters.Length + tool.Description.Length + 400 : 0);
        if (!purse.Allows(whom.Offering, chars, question.TokensMax))
        {
            Stopped = "The budget is spent.";
            return null;
        }

        var answer = await whom.AskAsync(question, cancellationToken);
        await SocketThreads.LeaveAsync(); // statistics take their time
        cancellationToken.ThrowIfCancellationRequested();
        // An upstream that answers what nobody can read, or for ever, bills it all the same.
        var isBilled = answer.Failure is null or { Kind: FailureKind.UpstreamMalformed or FailureKind.UpstreamTruncated or FailureKind.UpstreamTotalTimeout };
        var (spent, cost, quote) = isBilled ? purse.Spend(whom.Offering, answer.Usage, chars, question.TokensMax) : (0, 0, PriceQuote.Unpriced);
        answer = answer with { CostNano = cost };
        book?.Invoke(whom.Offering, answer, quote);
        Exchanges.Add(new AuditExchange(test, whom.Offering.Id, question.Text, question.TokensMax, question.Temperature, answer.Failure is { } failure ? $"failed: {failure.Rule.Code}" : answer.Body)
        {
            InputTokens = answer.Usage?.InputTotal,
            OutputTokens = answer.Usage?.OutputTotal,
            CachedTokens = answer.Usage?.CacheRead,
            CostNano = spent,
        });
        if (answer.Failure is not null)
        {
            LastFailure = answer.Failure;
            if (answer.Failure.Kind == FailureKind.UpstreamThoughtsRefused)
                return null;       // an answer to the question that was meant
            Failures++;
            if (++_failuresInRow >= FailuresInRowMax)
                Stopped = $"{whom.Offering.Id} failed {FailuresInRowMax} times in a row: {answer.Failure.Rule.Message}";
            return null;
        }

        _failuresInRow = 0;
        if (whom == observed)
            Answers.Add((question, answer));
        return answer;
    }

    private static int HashOf(string text)
    {
        var hash = 2166136261;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619;
        return (int)hash;
    }
}
