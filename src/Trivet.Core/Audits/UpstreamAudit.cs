using Trivet.Core.Audits.Checks;
using Trivet.Core.Catalogue;

namespace Trivet.Core.Audits;

/// <summary>
/// One audit of one offering: cheap tests first, each stopping as soon as its evidence is in, until all are made or the budget is spent. What it sends looks like ordinary traffic and goes the way of ordinary traffic.
/// </summary>
public sealed class UpstreamAudit(TimeProvider time, PriceBook prices)
{
    /// <summary>Why a plan cannot be carried out; null where it can.</summary>
    public string? Refusal(AuditPlan plan)
    {
        var purse = new AuditPurse(plan.Budget, prices, time);
        if (plan.Observed.Upstream.Endpoints.Count == 0)
            return $"{plan.Observed.Upstream.Name} has no endpoint.";
        foreach (var offering in plan.Reference is { } reference ? [plan.Observed, reference] : new[] { plan.Observed })
        {
            if (!purse.Fits(offering))
                return $"{offering.Id} bills in {offering.Price.Currency}: say the budget in {offering.Price.Currency}.";
        }

        return null;
    }

    /// <summary>Runs it. Throws only when it is cancelled: an upstream that does not answer is a finding, too.</summary>
    public async Task<AuditReport> RunAsync(AuditPlan plan, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var purse = new AuditPurse(plan.Budget, prices, time);
        using var observed = new ProbeSender(plan.Observed, time);
        using var reference = plan.Reference is { } held ? new ProbeSender(held, time) : null;
        var session = new AuditSession(plan, purse, observed, reference);
        double Share(string test) => CheckShares.ThresholdOf(test, plan.FalseAlarmRate);

        // Cheap before dear; what reads only answers that are there comes last.
        await IntegrityChecks.HiddenPromptAsync(session, Share(CheckShares.Hidden), cancellationToken);
        await IntegrityChecks.TextAsync(session, Share(CheckShares.Text), Share(CheckShares.Injection), cancellationToken);
        await IntegrityChecks.ToolsAsync(session, Share(CheckShares.Tools), cancellationToken);
        await IdentityChecks.OneTokenAsync(session, Share(CheckShares.OneToken), cancellationToken);
        await BillingChecks.LengthsAsync(session, Share(CheckShares.Output), Share(CheckShares.Input), cancellationToken);
        await BillingChecks.CacheAsync(session, Share(CheckShares.Cache), cancellationToken);
        await CapabilityCheck.RunAsync(session, Share(CheckShares.Capability), cancellationToken);
        await IdentityChecks.SamplingAsync(session, Share(CheckShares.Sampling), Share(CheckShares.Repeats), cancellationToken);
        BillingChecks.Arithmetic(session, Share(CheckShares.Arithmetic));
        ShapeChecks.Model(session, Share(CheckShares.Shape));
        ShapeChecks.Signatures(session, Share(CheckShares.Signature));

        return new AuditReport
        {
            Observed = plan.Observed.Id,
            Reference = plan.Reference?.Id,
            StartedMs = started.ToUnixTimeMilliseconds(),
            FinishedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Seed = plan.Seed,
            FalseAlarmRate = plan.FalseAlarmRate,
            SpentNano = purse.SpentNano,
            BudgetNano = plan.Budget.AmountNano,
            Currency = plan.Budget.Currency,
            IsPriceAssumed = purse.IsPriceAssumed,
            Requests = session.Exchanges.Count,
            Failures = session.Failures,
            Findings = session.Findings,
            Exchanges = session.Exchanges,
        };
    }
}
