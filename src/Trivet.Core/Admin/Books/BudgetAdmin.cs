using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;

namespace Trivet.Core.Admin.Books;

/// <summary>A budget and how far it is used in the window of now. Money is nano-units of the budget's currency.</summary>
/// <param name="Organisation">Whose.</param>
/// <param name="Team">Empty: not a team's.</param>
/// <param name="KeyId">Empty: not a key's.</param>
/// <param name="Budget">What may be spent.</param>
/// <param name="SpentNano">What is booked; null: no request has come under it in this window.</param>
/// <param name="HeldNano">What nodes hold for requests that run or will.</param>
/// <param name="StartsMs">When its window began (Unix milliseconds); 0: it has none.</param>
/// <param name="EndsMs">When it starts again; 0: never.</param>
public sealed record BudgetState(string Organisation, string Team, string KeyId, Budget Budget, long? SpentNano, long HeldNano, long StartsMs, long EndsMs)
{
    /// <summary>From 0 to 1000 and beyond, for a bar.</summary>
    public long UsedPermille => Budget.AmountNano <= 0 ? 1000 : (long)((Int128)(SpentNano ?? 0) * 1000 / Budget.AmountNano);
}

/// <summary>Budgets for people: what is set and what is left.</summary>
public sealed class BudgetAdmin(IKeyStore keys, IAllowanceReader allowances, TimeProvider time)
{
    /// <summary>The budgets of organisations, teams and keys that are not revoked, the fullest first.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<BudgetState>>> ListAsync(CancellationToken cancellationToken)
    {
        var loaded = await keys.LoadAsync(cancellationToken);
        if (loaded.Fault is { } fault)
            return fault;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var open = new Dictionary<string, BudgetState>(StringComparer.Ordinal);
        foreach (var owner in loaded.Value.Owners)
            Add(owner.Organisation, owner.Team, "", owner.Budgets);
        foreach (var key in loaded.Value.Keys.Where(key => key.RevokedAtMs is null))
            Add(key.Organisation, key.Team, key.Id, key.Budgets);

        var used = await allowances.ReadAsync([.. open.Keys], cancellationToken);
        if (used.Fault is { } usedFault)
            return usedFault;
        foreach (var use in used.Value)
            open[use.Id] = open[use.Id] with { SpentNano = use.SpentNano, HeldNano = use.LeasedNano };
        return StoreOutcome.Of<IReadOnlyList<BudgetState>>(
            [.. open.Values.OrderByDescending(state => state.UsedPermille).ThenBy(state => state.Organisation, StringComparer.Ordinal).ThenBy(state => state.Team, StringComparer.Ordinal).ThenBy(state => state.KeyId, StringComparer.Ordinal)]);

        void Add(string organisation, string team, string keyId, IReadOnlyList<Budget> budgets)
        {
            foreach (var budget in budgets)
            {
                var (startsMs, endsMs, window) = MoneyBound.Window(budget.Window, nowMs);
                open[AccountNames.Budget(organisation, team, keyId, window, budget.Currency)] = new BudgetState(organisation, team, keyId, budget, null, 0, startsMs, endsMs);
            }
        }
    }
}
