using Trivet.Core.Ledger;

namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>What one attempt came to, as the auditor is told: the facts, not the record.</summary>
/// <param name="Organisation">Whose.</param>
/// <param name="Upstream">At whom.</param>
/// <param name="CostNano">In USD; null for no known price.</param>
/// <param name="DueNano">What the customer owes for it, in USD.</param>
/// <param name="ChargedNano">What the gate let be charged.</param>
/// <param name="OverrunNano">How much of that was not set aside.</param>
/// <param name="AbsorbedNano">What the gate let be absorbed.</param>
/// <param name="PaidNano">In the payer's currency where that is another; else 0.</param>
/// <param name="HasReached">It gave the client something.</param>
internal sealed record SimFacts(string Organisation, string Upstream, long? CostNano, long DueNano, long ChargedNano, long OverrunNano, long AbsorbedNano, long PaidNano, bool HasReached);

/// <summary>
/// Keeps its own books, from the facts and by its own few rules, with arithmetic of its own. Knows nothing of records, spools and databases, and says at the end where those differ.
/// </summary>
internal sealed class SimAuditor
{
    private readonly Dictionary<string, Int128> _debits = [];
    private readonly Dictionary<string, Int128> _credits = [];

    /// <summary>Movements that must be in the ledger.</summary>
    public long Movements { get; private set; }

    public void Attempt(SimFacts facts)
    {
        if (facts.ChargedNano + facts.AbsorbedNano != facts.DueNano || facts.OverrunNano > facts.ChargedNano || facts.ChargedNano < 0 || facts.AbsorbedNano < 0)
            throw new SimulationException($"of {facts.DueNano} due, {facts.ChargedNano} was charged ({facts.OverrunNano} of it an overrun) and {facts.AbsorbedNano} absorbed");
        Move((facts.HasReached ? "cost/" : "failed/") + facts.Upstream + "/USD", $"payable/{facts.Upstream}/USD", facts.CostNano ?? 0);
        var revenue = $"revenue/{facts.Organisation}/USD";
        var isExchanged = facts.Organisation == SimPeople.Yuan;
        var payer = isExchanged ? "fx/USD" : $"customer/{facts.Organisation}/USD";
        Move(payer, revenue, facts.ChargedNano - facts.OverrunNano);
        Move(payer, revenue, facts.OverrunNano);
        Move($"absorbed/{facts.Organisation}/USD", revenue, facts.AbsorbedNano);
        if (isExchanged)
            Move($"customer/{facts.Organisation}/CNY", "fx/CNY", facts.PaidNano);
    }

    public void Paid(string debit, string credit, long nano) => Move(debit, credit, nano);

    /// <summary>Compares the ledger's transfers, one by one and in sum, and what its accounts say.</summary>
    /// <param name="transfers">All, as the ledger exports them.</param>
    /// <param name="balances">All accounts.</param>
    /// <param name="maySeeLate">Leases were lost, so the ledger may have absorbed what came late.</param>
    public IEnumerable<string> Differences(IReadOnlyList<Transfer> transfers, IReadOnlyList<AccountBalance> balances, bool maySeeLate)
    {
        var late = transfers.Where(transfer => transfer.Id.EndsWith(".late.absorb", StringComparison.Ordinal)).ToList();
        if (late.Count > 0 && !maySeeLate)
            yield return $"{late.Count} charges were absorbed late, although no lease was lost";
        foreach (var transfer in late)
            Move(transfer.Debit, transfer.Credit, transfer.AmountNano);
        if (transfers.Count != Movements)
            yield return $"the ledger has {transfers.Count} transfers, the auditor {Movements}";
        if (transfers.Select(transfer => transfer.Id).Distinct().Count() is var ids && ids != transfers.Count)
            yield return $"{transfers.Count - ids} transfers have an id that another has";
        var (debits, credits) = (Sums(transfers, transfer => transfer.Debit), Sums(transfers, transfer => transfer.Credit));
        var said = balances.ToDictionary(balance => balance.Id);
        foreach (var account in _debits.Keys.Union(_credits.Keys).Union(said.Keys).Order(StringComparer.Ordinal))
        {
            var mine = (_debits.GetValueOrDefault(account), _credits.GetValueOrDefault(account));
            if (mine != (debits.GetValueOrDefault(account), credits.GetValueOrDefault(account)))
                yield return $"{account}: the transfers come to {debits.GetValueOrDefault(account)} and {credits.GetValueOrDefault(account)}, the auditor has {mine}";
            if (!said.TryGetValue(account, out var balance) || mine != (balance.DebitsNano, balance.CreditsNano))
                yield return $"{account}: the account says {balance?.DebitsNano} and {balance?.CreditsNano}, the auditor has {mine}";
            if (SimPeople.IsPrepaid(account) && mine.Item1 > mine.Item2)
                yield return $"{account} is overdrawn by {mine.Item1 - mine.Item2}";
        }

        foreach (var currency in balances.GroupBy(balance => balance.Currency))
        {
            if (currency.Aggregate((Int128)0, (sum, balance) => sum + balance.DebitsNano - balance.CreditsNano) is var rest && rest != 0)
                yield return $"debits and credits in {currency.Key} differ by {rest}";
        }
    }

    private static Dictionary<string, Int128> Sums(IReadOnlyList<Transfer> transfers, Func<Transfer, string> side) =>
        transfers.GroupBy(side).ToDictionary(same => same.Key, same => same.Aggregate((Int128)0, (sum, transfer) => sum + transfer.AmountNano));

    private void Move(string debit, string credit, long nano)
    {
        if (nano == 0)
            return;
        Movements++;
        _debits[debit] = _debits.GetValueOrDefault(debit) + nano;
        _credits[credit] = _credits.GetValueOrDefault(credit) + nano;
    }
}
