using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Limits;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>What one look at the fleet came to.</summary>
/// <param name="Audit">The audit that was made; null: none was due.</param>
/// <param name="Changed">The cases whose standing changed.</param>
/// <param name="Fault">Why the database could not be asked; null where it could.</param>
internal sealed record AuditStepOutcome(StoredAudit? Audit, IReadOnlyList<AuditCase> Changed, StoreFault? Fault);

/// <summary>
/// Audits a fleet, one round of one offering at a time: 1 who is due, 2 what the day still pays for, 3 the round, 4 what it adds to the evidence, 5 what follows for the whole fleet, 6 all of it kept,
/// then told. Knows no clock but the one it is given, so that a year of it runs in minutes. Not thread-safe: one node audits at a time.
/// </summary>
internal sealed class AuditRounds(IAuditStore store, JournalRecorder journal, Func<PriceBook, UpstreamAudit> auditor, TimeProvider time, IAuditItemStore? items = null, IPastStore? pasts = null, Func<DateTimeOffset, string>? newId = null)
{
    /// <summary>After this, one that could not be audited is looked at again: the operator may have mended the configuration.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _odd = new(StringComparer.Ordinal);
    private Dictionary<string, AuditCase> _cases = new(StringComparer.Ordinal);

    /// <summary>What is known of the fleet.</summary>
    public IReadOnlyCollection<AuditCase> Cases => _cases.Values;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads what is known; to be asked before the first step, and after another node has audited.</summary>
    public async ValueTask<StoreFault?> LoadAsync(CancellationToken cancellationToken)
    {
        var cases = await store.CasesAsync(cancellationToken);
        if (cases.IsSuccess)
            _cases = cases.Value.ToDictionary(one => one.Offering, StringComparer.Ordinal);
        return cases.Fault;
    }

    /// <summary>When the next round of any of them is due, Unix milliseconds; null where there is nobody.</summary>
    public long? NextMs(IReadOnlyList<AuditSubject> subjects) => subjects.Count == 0 ? null : subjects.Min(subject => CaseOf(subject).NextMs);

    /// <summary>
    /// Something in an offering's traffic looks otherwise than it did: its round comes now, instead of when it would. Once for each time that it begins to look so, and not where it was audited a short while ago. The evidence is what
    /// the round finds; what brought it forward counts for nothing.
    /// </summary>
    public void Hasten(string offering, bool isOdd, AuditsConfig config)
    {
        if (!isOdd)
            _odd.Remove(offering);
        else if (_cases.TryGetValue(offering, out var one) && one.Rounds > 0 && _odd.Add(offering) && one.LastMs < NowMs - AuditSchedule.SoonestMs(config.Every))
            _cases[offering] = one with { NextMs = Math.Min(one.NextMs, NowMs) };
    }

    /// <summary>Makes the round that is longest due, if any is.</summary>
    public async ValueTask<AuditStepOutcome> StepAsync(IReadOnlyList<AuditSubject> subjects, AuditsConfig config, PriceBook prices, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        if (subjects.MinBy(subject => CaseOf(subject).NextMs) is not { } subject || CaseOf(subject) is not { } one || one.NextMs > nowMs) // 1
            return new AuditStepOutcome(null, [], null);
        one = one with { Reference = subject.Reference?.Id };

        var budget = config.Budgets.FirstOrDefault(budget => budget.Currency == CurrencyOf(subject, config)); // 2
        var audit = auditor(prices);
        var id = (newId ?? AuditIds.New)(time.GetUtcNow());
        var problem = subject.Problem is { Length: > 0 } wrong ? wrong
            : budget.AmountNano == 0 ? $"It bills in {subject.Observed.Price.Currency}, and audits have no budget in that currency."
            : audit.Refusal(new AuditPlan(subject.Observed, subject.Reference, budget, 0));
        if (problem is not null)
            return await PutOffAsync(one with { Problem = problem, NextMs = nowMs + (long)AskAgain.TotalMilliseconds }, cancellationToken);
        var begun = await store.BeginAsync(new AuditBeginning(id, one.Offering, one.Upstream, nowMs, AuditSchedule.DayStartMs(nowMs), budget.AmountNano, budget.Currency), cancellationToken);
        if (begun.Fault is { } fault)
            return new AuditStepOutcome(null, [], fault);
        if (begun.Value == 0)
            return await PutOffAsync(one with { NextMs = AuditSchedule.TomorrowMs(one, nowMs) }, cancellationToken);

        var own = items is null ? StoreOutcome.Of<IReadOnlyList<OwnItem>>([]) : await items.ListAsync(cancellationToken);
        var past = pasts is null || subject.Reference is not null ? null : (StoreOutcome<EnrolledPast?>?)await pasts.FindAsync(one.Offering, cancellationToken);
        var plan = new AuditPlan(subject.Observed, subject.Reference, budget with { AmountNano = begun.Value }, AuditIds.SeedOf(id))
        {
            Steps = AuditSchedule.StepsOf(one, Possible(one, subject)),
            IsRound = true,
            Past = past is { IsSuccess: true } known ? known.Value : null,
            KeepsPast = past is { IsSuccess: true },
            Items = own.IsSuccess ? [.. own.Value.Where(item => OwnItems.IsFor(item, subject.Observed.Model))] : [], // a round without them is a round all the same
        };
        return await KeepAsync(id, one with { Problem = "" }, await audit.RunAsync(plan, cancellationToken), config, subjects, cancellationToken); // 3
    }

    // What accuses it is asked for even where it has become impossible: only then can the accusation be dropped.
    private static IReadOnlyList<AuditStep> Possible(AuditCase one, AuditSubject subject)
    {
        var possible = AuditSteps.For(subject.Observed, subject.Reference);
        return [.. AuditSteps.All.Where(step => possible.Contains(step) || AuditSteps.TestsOf(step).Any(one.Accusing.Contains))];
    }

    private static string CurrencyOf(AuditSubject subject, AuditsConfig config) =>
        subject.Observed.Price.Currency is { Length: > 0 } currency ? currency : config.Budgets.Select(budget => budget.Currency).FirstOrDefault() ?? "";

    private AuditCase CaseOf(AuditSubject subject) =>
        _cases.GetValueOrDefault(subject.Observed.Id) ?? new AuditCase { Offering = subject.Observed.Id, Upstream = subject.Observed.Upstream.Name, Reference = subject.Reference?.Id };

    private async ValueTask<AuditStepOutcome> KeepAsync(string id, AuditCase before, AuditReport report, AuditsConfig config, IReadOnlyList<AuditSubject> subjects, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var after = report.Requests > report.Failures ? before.After(report) : before with { LastMs = report.FinishedMs }; // 4: who did not answer was not audited
        after = after with { PastSinceMs = report.Past?.SinceMs };
        var since = after.ChangeEValue >= AuditJudge.QuarantineFrom(subjects.Count, config) ? report.PastSinceMs : null;
        var unchanged = after;
        if (since is not null)
            after = after.Renewed();
        _cases[after.Offering] = after with { NextMs = AuditSchedule.NextMs(after, config.Every, nowMs) };

        // 5: the fleet is who is audited now. What was gathered of others stays, and decides nothing.
        var audited = subjects.Select(subject => subject.Observed.Id).ToHashSet(StringComparer.Ordinal);
        var changed = AuditJudge.Judge([.. _cases.Values.Where(one => audited.Contains(one.Offering)).OrderBy(one => one.Offering, StringComparer.Ordinal)], config, nowMs);
        var previous = changed.ToDictionary(one => one.Offering, one => _cases[one.Offering], StringComparer.Ordinal);
        foreach (var one in changed)
            _cases[one.Offering] = one with { NextMs = AuditSchedule.NextMs(one, config.Every, nowMs) };

        var current = _cases[after.Offering];
        var stored = new StoredAudit { Id = id, Report = report, Standing = current.Standing, EValue = after.EValue, Sentence = AuditSentences.Of(report, after, current.Standing) };
        var kept = await store.FinishAsync(stored, [current, .. changed.Where(one => one.Offering != current.Offering).Select(one => _cases[one.Offering])], cancellationToken); // 6
        if (kept.Fault is { } fault)
        {
            // Nothing is told that is not kept; what memory holds is read again before the next step.
            return new AuditStepOutcome(null, [], fault);
        }

        if (pasts is not null && report.Past is { } known)
            _ = since is null ? await pasts.SaveAsync(known, cancellationToken) : await pasts.RemoveAsync(known.Offering, cancellationToken); // what could not be kept is enrolled again
        if (since is { } date)
            AuditEvents.TellChange(journal, unchanged, stored, config, date, nowMs);
        foreach (var one in changed)
            AuditEvents.Tell(journal, previous[one.Offering], one, stored, config, nowMs);
        return new AuditStepOutcome(stored, changed, null);
    }

    private async ValueTask<AuditStepOutcome> PutOffAsync(AuditCase one, CancellationToken cancellationToken)
    {
        _cases[one.Offering] = one;
        return new AuditStepOutcome(null, [], (await store.SaveCasesAsync([one], cancellationToken)).Fault);
    }
}
