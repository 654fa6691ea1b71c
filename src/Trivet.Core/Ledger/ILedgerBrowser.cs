using Trivet.Core.Failures;

namespace Trivet.Core.Ledger;

/// <summary>A question for transfers. What is null is not asked for.</summary>
public sealed record TransferQuery
{
    /// <summary>Debited or credited.</summary>
    public string? Account { get; init; }

    /// <summary>Whose transfers; the empty text: of none, which is where people's corrections are.</summary>
    public string? Organisation { get; init; }

    /// <summary>One of <see cref="TransferKinds"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>At this time (Unix milliseconds) or later.</summary>
    public long FromMs { get; init; }

    /// <summary>Before this time; null: no end.</summary>
    public long? UntilMs { get; init; }

    /// <summary>Where the page before ended; null: the newest.</summary>
    public string? After { get; init; }

    /// <summary>How many at most.</summary>
    public int CountMax { get; init; } = 50;
}

/// <summary>Some transfers, the newest first.</summary>
/// <param name="Transfers">They.</param>
/// <param name="Next">Asks for those before; null: there are none. A page may be short and go on: a question looks at a bounded number of transfers.</param>
/// <param name="LookedBackToMs">All that fit since this time (Unix milliseconds) are on this page or on those before it.</param>
public sealed record TransferPage(IReadOnlyList<Transfer> Transfers, string? Next, long LookedBackToMs);

/// <summary>Some accounts, by name.</summary>
/// <param name="Accounts">They.</param>
/// <param name="Next">Asks for those after; null: there are none.</param>
public sealed record AccountPage(IReadOnlyList<AccountBalance> Accounts, string? Next);

/// <summary>The ledger for people who look: a page at a time, in bounded time.</summary>
public interface ILedgerBrowser
{
    /// <summary>Accounts whose name begins with a text, after a name.</summary>
    ValueTask<StoreOutcome<AccountPage>> AccountsAsync(string prefix, string after, int countMax, CancellationToken cancellationToken);

    /// <summary>One account; <see cref="StoreFaultKind.NotFound"/> where nothing was ever moved to or from one of this name.</summary>
    ValueTask<StoreOutcome<AccountBalance>> AccountAsync(string id, CancellationToken cancellationToken);

    /// <summary>One page. <see cref="StoreFaultKind.NotFound"/> where <see cref="TransferQuery.After"/> is no place in a list.</summary>
    ValueTask<StoreOutcome<TransferPage>> TransfersAsync(TransferQuery query, CancellationToken cancellationToken);

    /// <summary>One transfer; <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<Transfer>> TransferAsync(string organisation, long atMs, string id, CancellationToken cancellationToken);
}
