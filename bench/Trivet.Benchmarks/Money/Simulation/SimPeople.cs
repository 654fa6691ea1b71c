using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;
using Trivet.Storage;

namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>Who spends: on credit without limit, on credit with budgets at two levels, prepaid in the currency of the prices, prepaid in another.</summary>
internal sealed class SimPeople : IExchangeRates
{
    public const string Yuan = "yuan";
    private const string Credit = "credit";
    private const string Budgeted = "budgeted";
    private const string Prepaid = "prepaid";

    private static readonly OwnerRecord[] Owners =
    [
        new() { Organisation = Credit },
        new() { Organisation = Budgeted, Budgets = [new Budget(60_000_000_000, "USD", BudgetWindow.Week)] },
        new() { Organisation = Prepaid, PrepaidCurrency = "USD" },
        new() { Organisation = Yuan, PrepaidCurrency = "CNY" },
    ];

    public static bool IsPrepaid(string account) => account is "customer/prepaid/USD" or "customer/yuan/CNY";

    public static async Task<SimPeople> MakeAsync(Database database)
    {
        foreach (var owner in Owners)
            await database.Owners.ChangeAsync(owner.Organisation, "", _ => owner, CancellationToken.None);
        return new SimPeople();
    }

    /// <summary>The keys as a node loads them at its start: what it counts for them is its own.</summary>
    public IReadOnlyList<KeyEntry> Keys() =>
    [
        Key(Owners[0], 1), Key(Owners[1], 1, new Budget(5_000_000_000, "USD", BudgetWindow.Day)), Key(Owners[1], 2), Key(Owners[2], 1), Key(Owners[2], 2, new Budget(900_000_000, "USD", BudgetWindow.Day)),
        Key(Owners[3], 1), Key(Owners[3], 2, new Budget(20_000_000_000, "CNY", BudgetWindow.Week)),
    ];

    /// <summary>What people do: a customer pays, or we pay an upstream; now and then asked for twice.</summary>
    public static Transfer Payment(Random random, long number, long nowMs)
    {
        var nano = random.NextInt64(1, 2_000_000_000);
        return random.Next(4) switch
        {
            0 => Make("payable/north/USD", "bank/USD", TransferKinds.Payment, ""),
            1 => Make("bank/CNY", "customer/yuan/CNY", TransferKinds.TopUp, Yuan),
            _ => Make("bank/USD", "customer/prepaid/USD", TransferKinds.TopUp, Prepaid),
        };

        Transfer Make(string debit, string credit, string kind, string organisation) =>
            new() { Id = $"people-{number}", AtMs = nowMs, Organisation = organisation, Kind = kind, Debit = debit, Credit = credit, AmountNano = nano };
    }

    public long? RateNano(string from, string to, long atMs) => (from, to) == ("USD", "CNY") ? 7_123_456_789 : null;

    private static KeyEntry Key(OwnerRecord owner, int number, params Budget[] budgets) =>
        new(new KeyRecord { Id = $"key_{owner.Organisation}{number}", Name = $"{owner.Organisation}{number}", Organisation = owner.Organisation, HashHex = "", Budgets = budgets }, owner);
}
