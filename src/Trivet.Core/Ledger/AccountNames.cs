namespace Trivet.Core.Ledger;

/// <summary>
/// Names of accounts: parts between slashes, the currency last, as in <c>customer/acme/search/USD</c>. Slashes, blanks, <c>=</c> and <c>%</c> within a part are escaped as in addresses.
/// What the kinds mean is in docs/ledger.md.
/// </summary>
public static class AccountNames
{
    public const string CustomerKind = "customer";
    public const string RevenueKind = "revenue";
    public const string PayableKind = "payable";
    public const string PrepaidKind = "prepaid";
    public const string CostKind = "cost";
    public const string FailedKind = "failed";
    public const string AbsorbedKind = "absorbed";
    public const string ExchangeKind = "fx";
    public const string BankKind = "bank";
    public const string AdjustmentsKind = "adjustments";

    private static readonly System.Buffers.SearchValues<char> Reserved = System.Buffers.SearchValues.Create("/ =%");

    /// <summary>Kinds whose balance is what was debited less what was credited.</summary>
    private static readonly string[] DebitKinds = [CustomerKind, PrepaidKind, CostKind, FailedKind, AbsorbedKind, BankKind];

    /// <summary>Who pays: the organisation, a team of it (key empty), or a key.</summary>
    public static string Customer(string organisation, string team, string keyId, string currency) =>
        keyId.Length > 0 ? Name(CustomerKind, organisation, team.Length == 0 ? "-" : team, keyId, currency)
        : team.Length > 0 ? Name(CustomerKind, organisation, team, currency)
        : Name(CustomerKind, organisation, currency);

    public static string Revenue(string organisation, string currency) => Name(RevenueKind, organisation, currency);

    public static string Payable(string upstream, string currency) => Name(PayableKind, upstream, currency);

    public static string Prepaid(string upstream, string currency) => Name(PrepaidKind, upstream, currency);

    public static string Cost(string upstream, string currency) => Name(CostKind, upstream, currency);

    public static string Failed(string upstream, string currency) => Name(FailedKind, upstream, currency);

    public static string Absorbed(string organisation, string currency) => Name(AbsorbedKind, organisation, currency);

    public static string Exchange(string currency) => $"{ExchangeKind}/{currency}";

    public static string Bank(string currency) => $"{BankKind}/{currency}";

    public static string Adjustments(string currency) => $"{AdjustmentsKind}/{currency}";

    /// <summary>No account: the name of what is counted for a budget in one window.</summary>
    public static string Budget(string organisation, string team, string keyId, string window, string currency) =>
        Name("budget", organisation, team.Length == 0 ? "-" : team, keyId.Length == 0 ? "-" : keyId, window, currency);

    /// <summary>The last part of an account's name.</summary>
    public static string CurrencyOf(string account) => account[(account.LastIndexOf('/') + 1)..];

    /// <summary>The first part of an account's name.</summary>
    public static string KindOf(string account)
    {
        var slash = account.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? account : account[..slash];
    }

    /// <summary>Whose account it is; null for those of no organisation.</summary>
    public static string? OrganisationOf(string account)
    {
        if (KindOf(account) is not (CustomerKind or RevenueKind or AbsorbedKind) || account.Split('/') is not [_, var organisation, _, ..])
            return null;
        return Uri.UnescapeDataString(organisation);
    }

    /// <summary>Whether it is a customer's account.</summary>
    public static bool IsCustomer(string account) => account.StartsWith(CustomerKind + "/", StringComparison.Ordinal);

    /// <summary>Whether a person reads its balance as debits less credits; else the other way round.</summary>
    public static bool IsDebitKind(string account) => DebitKinds.Contains(KindOf(account), StringComparer.Ordinal);

    private static string Name(params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (part.AsSpan().ContainsAny(Reserved))
                return string.Join('/', parts.ToArray().Select(Escape));
        }

        return string.Join('/', parts);
    }

    private static string Escape(string part) => part.AsSpan().ContainsAny(Reserved) ? Uri.EscapeDataString(part) : part;
}
