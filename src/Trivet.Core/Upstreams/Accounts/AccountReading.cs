namespace Trivet.Core.Upstreams.Accounts;

/// <summary>What a vendor's account endpoint tells.</summary>
public enum AccountKind
{
    /// <summary>Money that was paid ahead.</summary>
    Balance,

    /// <summary>What is left of a plan's quota.</summary>
    Quota,
}

/// <summary>
/// Where a vendor says how an account stands, and how its answer is read: dotted names lead to values within the answer, or within each item of a list in it.
/// Data of a profile, never an <c>if</c> for a vendor.
/// </summary>
public sealed record AccountReading
{
    /// <summary>What it tells.</summary>
    public AccountKind Kind { get; init; }

    /// <summary>The sites that it is for; empty for all.</summary>
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>Its path at the host of the upstream.</summary>
    public string Path { get; init; } = "";

    /// <summary>Where that was read.</summary>
    public string Source { get; init; } = "";

    /// <summary>When.</summary>
    public DateOnly Checked { get; init; }

    /// <summary>The list whose items are read; empty: the answer itself.</summary>
    public string Items { get; init; } = "";

    /// <summary>An amount of money, as a number or as text.</summary>
    public string Amount { get; init; } = "";

    /// <summary>What is to be taken off <see cref="Amount"/>; empty: nothing.</summary>
    public string Used { get; init; } = "";

    /// <summary>How much of it was given and not paid; empty: not told.</summary>
    public string Granted { get; init; } = "";

    /// <summary>The currency; empty: that in which the site bills.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The currency where the vendor has but one and does not say it; empty: it says it, or it is that of the site.</summary>
    public string CurrencyIs { get; init; } = "";

    /// <summary>What tells windows of a quota apart, joined by <c>/</c>.</summary>
    public IReadOnlyList<string> Window { get; init; } = [];

    /// <summary>That → a name for the window; items that are not in it are not shown. Empty: one window, which has this name for an empty key.</summary>
    public IReadOnlyDictionary<string, string> Windows { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The size of the window's quota.</summary>
    public string Limit { get; init; } = "";

    /// <summary>What is left of it.</summary>
    public string Remaining { get; init; } = "";

    /// <summary>How much of it is used, in percent.</summary>
    public string UsedPercent { get; init; } = "";

    /// <summary>When it is whole again: Unix milliseconds or RFC 3339.</summary>
    public string Resets { get; init; } = "";
}

/// <summary>Money on an account, in nano-units; negative where it is owed.</summary>
/// <param name="Nano">What can be spent.</param>
/// <param name="Currency">Of what currency; empty where neither the answer nor the catalogue says it.</param>
/// <param name="GrantedNano">How much of it was given and not paid; null: not told.</param>
public sealed record AccountBalance(long Nano, string Currency, long? GrantedNano);

/// <summary>A window of a plan's quota.</summary>
/// <param name="Window">Its name: <c>5h</c>, <c>weekly</c>.</param>
/// <param name="UsedPercent">How much is used, 0 to 100 and more; null: not told.</param>
/// <param name="Limit">Its size in the vendor's own units; null: not told.</param>
/// <param name="Remaining">What is left in the same units; null: not told.</param>
/// <param name="ResetsAt">When it is whole again; null: not told.</param>
/// <param name="IsEstimate">True: worked out from our books, not told by the vendor.</param>
public sealed record AccountQuota(string Window, decimal? UsedPercent, long? Limit, long? Remaining, DateTimeOffset? ResetsAt, bool IsEstimate = false);
