using System.Runtime.InteropServices;

namespace Trivet.Core.Ledger;

/// <summary>What an account's transfers come to. Money is nano-units of the account's currency.</summary>
/// <param name="Id">Its name.</param>
/// <param name="DebitsNano">All that it was debited.</param>
/// <param name="CreditsNano">All that it was credited.</param>
public sealed record AccountBalance(string Id, long DebitsNano, long CreditsNano)
{
    public string Currency => AccountNames.CurrencyOf(Id);

    /// <summary>As a person reads it: positive is more of what the account is about (owed, earned, spent, there).</summary>
    public long BalanceNano => AccountNames.IsDebitKind(Id) ? DebitsNano - CreditsNano : CreditsNano - DebitsNano;

    /// <summary>Adds up transfers by account, sorted by name: whoever updates accounts in this order cannot deadlock with another who does.</summary>
    public static IReadOnlyList<AccountBalance> Of(IEnumerable<Transfer> transfers)
    {
        var sums = new Dictionary<string, (long Debits, long Credits)>(StringComparer.Ordinal);
        foreach (var transfer in transfers)
        {
            ref var debit = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, transfer.Debit, out _);
            debit.Debits = checked(debit.Debits + transfer.AmountNano);
            ref var credit = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, transfer.Credit, out _);
            credit.Credits = checked(credit.Credits + transfer.AmountNano);
        }

        return [.. sums.OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => new AccountBalance(sum.Key, sum.Value.Debits, sum.Value.Credits))];
    }
}

/// <summary>What a check of the whole ledger came to.</summary>
/// <param name="Accounts">How many accounts were recomputed.</param>
/// <param name="Transfers">From how many transfers.</param>
/// <param name="Difference">The first thing that differs, in words; null when everything is right.</param>
public sealed record LedgerCheck(long Accounts, long Transfers, string? Difference);

/// <summary>Attempts of one day (UTC) and model at one upstream, as a bill is compared with.</summary>
public sealed record DailyCost
{
    /// <summary>As <c>2026-11-30</c>.</summary>
    public string Day { get; init; } = "";
    public string Model { get; init; } = "";
    public string Currency { get; init; } = "";
    public long Attempts { get; init; }
    public long InputTokens { get; init; }
    public long OutputTokens { get; init; }
    public long CostNano { get; init; }

    /// <summary>Attempts without a price, wholly or in part; what has none is not in <see cref="CostNano"/>.</summary>
    public long Unpriced { get; init; }

    /// <summary>Attempts whose tokens are our estimate.</summary>
    public long Estimated { get; init; }
}
