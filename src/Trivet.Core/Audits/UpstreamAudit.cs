using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Catalogue;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Audits;

/// <summary>
/// One audit of one offering: one step after another, each stopping as soon as its evidence is in, until all are made or the budget is spent. What it sends looks like ordinary traffic and goes the way of ordinary traffic.
/// </summary>
public sealed class UpstreamAudit
{
    private readonly TimeProvider _time;
    private readonly PriceBook _prices;
    private readonly Func<AuditPlan, Offering, IProber> _probers;

    /// <summary>Audits with real requests.</summary>
    public UpstreamAudit(TimeProvider time, PriceBook prices)
        : this(time, prices, (_, offering) => new ProbeSender(offering, time))
    {
    }

    /// <summary>Audits with whatever answers.</summary>
    internal UpstreamAudit(TimeProvider time, PriceBook prices, Func<AuditPlan, Offering, IProber> probers) => (_time, _prices, _probers) = (time, prices, probers);

    /// <summary>Books every answer; null where nobody does.</summary>
    public Action<AttemptRecord>? Book { get; init; }

    /// <summary>Why a plan cannot be carried out; null where it can.</summary>
    public string? Refusal(AuditPlan plan)
    {
        var purse = new AuditPurse(plan.Budget, _prices, _time);
        if (plan.Observed.Upstream.Endpoints.Count == 0)
            return $"{plan.Observed.Upstream.Name} has no endpoint.";
        foreach (var offering in plan.Reference is { } reference ? [plan.Observed, reference] : new[] { plan.Observed })
        {
            if (!purse.Fits(offering))
                return $"{offering.Id} bills in {offering.Price.Currency}: say the budget in {offering.Price.Currency}, or a rate of exchange with {plan.Budget.Currency} in fx.rates.";
        }

        return null;
    }

    /// <summary>Runs it. Throws only when it is cancelled: an upstream that does not answer is a finding, too.</summary>
    public async Task<AuditReport> RunAsync(AuditPlan plan, CancellationToken cancellationToken)
    {
        var started = _time.GetUtcNow();
        var purse = new AuditPurse(plan.Budget, _prices, _time);
        using var observed = _probers(plan, plan.Observed);
        using var reference = plan.Reference is { } held ? _probers(plan, held) : null;
        var session = new AuditSession(plan, purse, observed, reference, _time, Book is null ? null : (offering, answer, quote) => Book(ProbeBooking.Record(offering, answer, quote, _time.GetUtcNow())));
        session.Past = plan is { KeepsPast: true, Reference: null } ? PastOf(plan, started) : null;
        double Share(string test) => CheckShares.ThresholdOf(test, plan.FalseAlarmRate);

        foreach (var step in plan.Steps)
            await RunAsync(step, session, Share, cancellationToken);
        BillingChecks.Arithmetic(session, Share(CheckShares.Arithmetic));
        ShapeChecks.Model(session, Share(CheckShares.Shape));
        ShapeChecks.Signatures(session, Share(CheckShares.Signature));

        return new AuditReport
        {
            Observed = plan.Observed.Id,
            Reference = plan.Reference?.Id,
            StartedMs = started.ToUnixTimeMilliseconds(),
            FinishedMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            Seed = plan.Seed,
            FalseAlarmRate = plan.FalseAlarmRate,
            SpentNano = purse.SpentNano,
            BudgetNano = plan.Budget.AmountNano,
            Currency = plan.Budget.Currency,
            IsPriceAssumed = purse.IsPriceAssumed,
            Requests = session.Exchanges.Count,
            Failures = session.Failures,
            IsCutShort = session.Stopped is not null,
            Past = session.Past,
            PastSinceMs = session.Past is { } past && past.SinceMs < started.ToUnixTimeMilliseconds() ? past.SinceMs : null,
            Findings = session.Findings,
            Exchanges = session.Exchanges,
        };
    }

    // What was answered to other settings is no reference: it begins anew.
    private static EnrolledPast PastOf(AuditPlan plan, DateTimeOffset now)
    {
        var endpoint = plan.Observed.Upstream.Endpoints[0];
        var settings = $"{endpoint.Protocol} {endpoint.BaseUri}";
        return plan.Past is { } past && past.Settings == settings ? past : new EnrolledPast { Offering = plan.Observed.Id, SinceMs = now.ToUnixTimeMilliseconds(), Settings = settings };
    }

    private static Task RunAsync(AuditStep step, AuditSession session, Func<string, double> share, CancellationToken cancellationToken) => step switch
    {
        AuditStep.HiddenPrompt => IntegrityChecks.HiddenPromptAsync(session, share(CheckShares.Hidden), cancellationToken),
        AuditStep.Text => IntegrityChecks.TextAsync(session, share(CheckShares.Text), share(CheckShares.Injection), cancellationToken),
        AuditStep.Tools => IntegrityChecks.ToolsAsync(session, share(CheckShares.Tools), cancellationToken),
        AuditStep.OneToken => IdentityChecks.OneTokenAsync(session, share(CheckShares.OneToken), cancellationToken),
        AuditStep.Past => PastChecks.RunAsync(session, share(CheckShares.Past), share(CheckShares.Border), cancellationToken),
        AuditStep.Lengths => BillingChecks.LengthsAsync(session, share(CheckShares.Output), share(CheckShares.Input), cancellationToken),
        AuditStep.Cache => BillingChecks.CacheAsync(session, share(CheckShares.Cache), cancellationToken),
        AuditStep.Replay => ReplayCheck.RunAsync(session, share(CheckShares.Replay), cancellationToken),
        AuditStep.Capability => CapabilityCheck.RunAsync(session, share(CheckShares.Capability), share(CheckShares.Own), cancellationToken),
        _ => IdentityChecks.SamplingAsync(session, share(CheckShares.Sampling), share(CheckShares.Repeats), cancellationToken),
    };
}
