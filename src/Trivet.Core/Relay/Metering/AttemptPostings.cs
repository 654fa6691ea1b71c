using Trivet.Core.Ledger;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// The transfers that an attempt makes: a function of its record alone, so that a record that is committed twice makes the same ones, and the database knows them by their ids.
/// </summary>
public static class AttemptPostings
{
    /// <summary>Adds them to <paramref name="transfers"/>.</summary>
    public static void AddTo(List<Transfer> transfers, AttemptRecord attempt)
    {
        if (attempt.CostNano is > 0 and var cost)
            transfers.Add(CostOf(attempt, cost));
        if (attempt.ChargedNano is not { } charged)
            return;
        var payer = Payer(attempt);
        var debit = attempt.RateNano is null ? payer : AccountNames.Exchange(attempt.ChargeCurrency);
        var revenue = AccountNames.Revenue(attempt.Organisation, attempt.ChargeCurrency);
        if (charged - attempt.OverrunNano > 0)
            transfers.Add(Make(attempt, TransferKinds.Charge, debit, revenue, charged - attempt.OverrunNano));
        if (attempt.OverrunNano > 0)
            transfers.Add(Make(attempt, TransferKinds.Overrun, debit, revenue, attempt.OverrunNano, TransferKinds.Charge));
        if (attempt is { RateNano: not null, PaidNano: > 0 })
            transfers.Add(Make(attempt, TransferKinds.Exchange, payer, AccountNames.Exchange(AccountNames.CurrencyOf(payer)), attempt.PaidNano, TransferKinds.Charge));
        if (attempt.AbsorbedNano > 0)
            transfers.Add(Make(attempt, TransferKinds.Absorb, AccountNames.Absorbed(attempt.Organisation, attempt.ChargeCurrency), revenue, attempt.AbsorbedNano, TransferKinds.Charge));
    }

    /// <summary>The account that an attempt's charge is taken from.</summary>
    public static string Payer(AttemptRecord attempt) =>
        attempt.Payer.Length > 0 ? attempt.Payer : AccountNames.Customer(attempt.Organisation, "", "", attempt.ChargeCurrency);

    // What gave the client nothing is a cost of its own kind: the price of failures and hedges.
    private static Transfer CostOf(AttemptRecord attempt, long cost) => Make(
        attempt,
        TransferKinds.Cost,
        attempt.Committed ? AccountNames.Cost(attempt.Upstream, attempt.Currency) : AccountNames.Failed(attempt.Upstream, attempt.Currency),
        attempt.UpstreamPrepaid ? AccountNames.Prepaid(attempt.Upstream, attempt.Currency) : AccountNames.Payable(attempt.Upstream, attempt.Currency),
        cost);

    private static Transfer Make(AttemptRecord attempt, string kind, string debit, string credit, long amount, string linkedKind = "") => new()
    {
        Id = $"{attempt.Id}.{kind}",
        AtMs = attempt.AdmittedMs == 0 ? attempt.StartedMs : attempt.AdmittedMs,
        Organisation = attempt.Organisation,
        RequestId = attempt.RequestId,
        Kind = kind,
        Debit = debit,
        Credit = credit,
        AmountNano = amount,
        LinkedId = linkedKind.Length == 0 ? "" : $"{attempt.Id}.{linkedKind}",
        PriceVersion = attempt.PriceVersion,
        RateNano = kind == TransferKinds.Cost ? null : attempt.RateNano,
    };
}
