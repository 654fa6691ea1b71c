using Trivet.Core.Audits.Probes;
using Trivet.Core.Audits.Statistics;

namespace Trivet.Core.Audits.Checks;

/// <summary>Can it do what the reference can? The same fresh items to both, judged by program; a bet on each item that the reference is right where the other is not.</summary>
internal static class CapabilityCheck
{
    private const int PairsMax = 96;
    private const int AloneMax = 24;
    private const int RoundMax = 16;

    public static async Task RunAsync(AuditSession session, double threshold, CancellationToken cancellationToken)
    {
        var bet = new ExchangeabilityBet();
        var (asked, right, onlyReference, onlyObserved) = (0, 0, 0, 0);
        foreach (var item in CapabilityItems.Make(session.Plan.Seed, session.Plan.IsRound ? RoundMax : session.HasReference ? PairsMax : AloneMax))
        {
            if (bet.EValueMax >= 1 / threshold || await session.AskObservedAsync(CheckShares.Capability, item.Question with { Temperature = 0 }, cancellationToken) is not { } ours)
                break;
            var isRight = item.IsRight(ours);
            if (session.HasReference)
            {
                if (await session.AskReferenceAsync(CheckShares.Capability, item.Question with { Temperature = 0 }, cancellationToken) is not { } theirs)
                    break;
                var isTheirs = item.IsRight(theirs);
                bet.Add(isTheirs ? 1 : 0, isRight ? 1 : 0);
                onlyReference += isTheirs && !isRight ? 1 : 0;
                onlyObserved += isRight && !isTheirs ? 1 : 0;
            }

            asked++;
            right += isRight ? 1 : 0;
        }

        if (asked == 0)
        {
            session.NotRun(CheckShares.Capability, "");
            return;
        }

        session.Conclude(session.HasReference ? Paired(new McNemarTest(asked, onlyReference, onlyObserved), right, bet) : Alone(asked, right), threshold);
    }

    private static AuditFinding Paired(McNemarTest pairs, int right, ExchangeabilityBet bet)
    {
        var detectable = McNemarTest.DetectableDifference(pairs.Items, Math.Max(0.05, (double)pairs.Disagreements / pairs.Items));
        return new AuditFinding(
            CheckShares.Capability, AuditVerdict.Clean,
            $"{right} of {pairs.Items} items right, the reference {right + pairs.OnlyReference - pairs.OnlyObserved}; only the reference {pairs.OnlyReference}, only it {pairs.OnlyObserved}. So many items show a difference of {detectable:P0} or more in four of five cases.")
        {
            Answers = pairs.Items,
            Statistic = "difference",
            Value = pairs.Difference,
            EValue = bet.EValueMax,
            Evidence = bet.EValue,
        };
    }

    private static AuditFinding Alone(int asked, int right)
    {
        var interval = ProportionInterval.ClopperPearson(right, asked);
        return new AuditFinding(CheckShares.Capability, AuditVerdict.Unclear, $"{right} of {asked} items right (95 %: {interval.Low:P0} to {interval.High:P0}). Without a reference (--against) that convicts nobody.")
        {
            Answers = asked,
            Statistic = "right",
            Value = (double)right / asked,
        };
    }
}
