using Trivet.Core.Audits.Items;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Audits.Statistics;

namespace Trivet.Core.Audits.Checks;

/// <summary>Can it do what the reference can? The same items to both, judged by program; a bet on each item that the reference is right where the other is not. Fresh ones, and those that the operator has made.</summary>
internal static class CapabilityCheck
{
    private const int PairsMax = 96;
    private const int AloneMax = 24;
    private const int RoundMax = 16;

    public static async Task RunAsync(AuditSession session, double threshold, double ownThreshold, CancellationToken cancellationToken)
    {
        // The operator's own come first: they are what is wanted of the model.
        var most = session.Plan.IsRound ? RoundMax : session.HasReference ? PairsMax : AloneMax;
        if (session.Plan.Items.Count > 0)
        {
            var own = session.Plan.Items.ToArray();
            session.Random(CheckShares.Own).Shuffle(own);
            await AskAsync(session, CheckShares.Own, own.Take(most).Select(item => (OwnItems.Probe(item), (Func<ProbeAnswer, bool>)(answer => OwnItems.IsRight(item, answer.Text)))), ownThreshold, cancellationToken);
        }

        await AskAsync(session, CheckShares.Capability, CapabilityItems.Make(session.Plan.Seed, most).Select(item => (item.Question with { Temperature = 0 }, item.IsRight)), threshold, cancellationToken);
    }

    private static async Task AskAsync(AuditSession session, string test, IEnumerable<(ProbeQuestion Question, Func<ProbeAnswer, bool> IsRight)> items, double threshold, CancellationToken cancellationToken)
    {
        var bet = new ExchangeabilityBet();
        var (asked, right, onlyReference, onlyObserved) = (0, 0, 0, 0);
        foreach (var (question, judge) in items)
        {
            if (bet.EValueMax >= 1 / threshold || await session.AskObservedAsync(test, question, cancellationToken) is not { } ours)
                break;
            var isRight = judge(ours);
            if (session.HasReference)
            {
                if (await session.AskReferenceAsync(test, question, cancellationToken) is not { } theirs)
                    break;
                var isTheirs = judge(theirs);
                bet.Add(isTheirs ? 1 : 0, isRight ? 1 : 0);
                onlyReference += isTheirs && !isRight ? 1 : 0;
                onlyObserved += isRight && !isTheirs ? 1 : 0;
            }

            asked++;
            right += isRight ? 1 : 0;
        }

        if (asked == 0)
        {
            session.NotRun(test, "");
            return;
        }

        session.Conclude(session.HasReference ? Paired(test, new McNemarTest(asked, onlyReference, onlyObserved), right, bet) : Alone(test, asked, right), threshold);
    }

    private static AuditFinding Paired(string test, McNemarTest pairs, int right, ExchangeabilityBet bet)
    {
        var detectable = McNemarTest.DetectableDifference(pairs.Items, Math.Max(0.05, (double)pairs.Disagreements / pairs.Items));
        return new AuditFinding(
            test, AuditVerdict.Clean,
            $"{right} of {pairs.Items} items{Whose(test)} right, the reference {right + pairs.OnlyReference - pairs.OnlyObserved}; only the reference {pairs.OnlyReference}, only it {pairs.OnlyObserved}. So many items show a difference of {detectable:P0} or more in four of five cases.")
        {
            Answers = pairs.Items,
            Statistic = "difference",
            Value = pairs.Difference,
            EValue = bet.EValueMax,
            Evidence = bet.EValue,
        };
    }

    private static AuditFinding Alone(string test, int asked, int right)
    {
        var interval = ProportionInterval.ClopperPearson(right, asked);
        return new AuditFinding(test, AuditVerdict.Unclear, $"{right} of {asked} items{Whose(test)} right (95 %: {interval.Low:P0} to {interval.High:P0}). Without a reference (--against) that convicts nobody.")
        {
            Answers = asked,
            Statistic = "right",
            Value = (double)right / asked,
        };
    }

    private static string Whose(string test) => test == CheckShares.Own ? " of yours" : "";
}
