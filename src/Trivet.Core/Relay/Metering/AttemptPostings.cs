using Trivet.Core.Ledger;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// The transfers that attempts make: a function of their records alone, so that a record that is committed twice makes the same ones, and the database knows them by their ids.
/// One of it is for one batch: most of a batch is of one upstream and one organisation, and the names of their accounts are made once.
/// </summary>
public sealed class AttemptPostings
{
    private LastName _cost = new(AccountNames.Cost);
    private LastName _failed = new(AccountNames.Failed);
    private LastName _payable = new(AccountNames.Payable);
    private LastName _prepaid = new(AccountNames.Prepaid);
    private LastName _revenue = new(AccountNames.Revenue);
    private LastName _customer = new(CustomerOf);

    /// <summary>Adds an attempt's transfers to <paramref name="transfers"/>.</summary>
    public void AddTo(List<Transfer> transfers, AttemptRecord attempt)
    {
        if (attempt.CostNano is > 0 and var cost)
            transfers.Add(CostOf(attempt, cost));
        if (attempt.ChargedNano is not { } charged)
            return;
        var payer = attempt.Payer.Length > 0 ? attempt.Payer : _customer.Of(attempt.Organisation, attempt.ChargeCurrency);
        var debit = attempt.RateNano is null ? payer : AccountNames.Exchange(attempt.ChargeCurrency);
        var revenue = _revenue.Of(attempt.Organisation, attempt.ChargeCurrency);
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
    public static string Payer(AttemptRecord attempt) => attempt.Payer.Length > 0 ? attempt.Payer : CustomerOf(attempt.Organisation, attempt.ChargeCurrency);

    private static string CustomerOf(string organisation, string currency) => AccountNames.Customer(organisation, "", "", currency);

    // What gave the client nothing is a cost of its own kind: the price of failures and hedges.
    private Transfer CostOf(AttemptRecord attempt, long cost) => Make(
        attempt,
        TransferKinds.Cost,
        attempt.Committed ? _cost.Of(attempt.Upstream, attempt.Currency) : _failed.Of(attempt.Upstream, attempt.Currency),
        attempt.UpstreamPrepaid ? _prepaid.Of(attempt.Upstream, attempt.Currency) : _payable.Of(attempt.Upstream, attempt.Currency),
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

    /// <summary>The name that was made last of a kind of account.</summary>
    private struct LastName(Func<string, string, string> make)
    {
        private string? _owner;
        private string? _currency;
        private string? _name;

        public string Of(string owner, string currency)
        {
            if (_name is not null && _owner == owner && _currency == currency)
                return _name;
            (_owner, _currency) = (owner, currency);
            return _name = make(owner, currency);
        }
    }
}
