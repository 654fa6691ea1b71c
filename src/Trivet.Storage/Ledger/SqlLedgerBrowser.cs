using System.Data.Common;
using System.Text;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;
using Trivet.Storage.Relay;

namespace Trivet.Storage.Ledger;

/// <summary>
/// Pages of the ledger. Transfers are keyed by organisation and time and by no account, because every booking would pay for that: a question goes through the organisations that it may be about, the newest transfers
/// first, looks at a bounded number of each, and tells how far it came.
/// </summary>
/// <param name="database">Where they are.</param>
/// <param name="lookMax">How many transfers a question looks at.</param>
/// <param name="lookMin">How many of each organisation at least.</param>
internal sealed class SqlLedgerBrowser(Database database, int lookMax = SqlLedgerBrowser.LookMax, int lookMin = SqlLedgerBrowser.LookMin) : ILedgerBrowser
{
    private const int LookMax = 40_000;
    private const int LookMin = 1_000;

    public ValueTask<StoreOutcome<AccountPage>> AccountsAsync(string prefix, string after, int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                var accounts = (await connection.QueryAsync<AccountBalance>(
                    "SELECT id AS Id, debits_nano AS DebitsNano, credits_nano AS CreditsNano FROM accounts WHERE id > @after AND SUBSTR(id, 1, @length) = @prefix ORDER BY id LIMIT @countMax",
                    new { prefix, length = prefix.Length, after, countMax })).AsList();
                return new AccountPage(accounts, accounts.Count == countMax ? accounts[^1].Id : null);
            },
            cancellationToken);

    public async ValueTask<StoreOutcome<AccountBalance>> AccountAsync(string id, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<AccountBalance?>("SELECT id AS Id, debits_nano AS DebitsNano, credits_nano AS CreditsNano FROM accounts WHERE id = @id", new { id }), cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } account ? account : new StoreFault(StoreFaultKind.NotFound, $"No money was ever moved to or from an account {id}.");
    }

    public async ValueTask<StoreOutcome<Transfer>> TransferAsync(string organisation, long atMs, string id, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<Transfer?>(
                $"SELECT {LedgerTables.TransferColumns} FROM transfers WHERE organisation = @organisation AND at_ms = @atMs AND id = @id", new { organisation, atMs, id }),
            cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } transfer ? transfer : new StoreFault(StoreFaultKind.NotFound, $"There is no transfer {id}.");
    }

    public async ValueTask<StoreOutcome<TransferPage>> TransfersAsync(TransferQuery query, CancellationToken cancellationToken)
    {
        var start = new ListPlace(query.UntilMs ?? long.MaxValue, "");
        if (query.After is { } after && !ListPlace.TryParse(after, out start))
            return new StoreFault(StoreFaultKind.NotFound, $"'{after}' is no place in a list of transfers.");
        return await database.ReadAsync(connection => SearchAsync(connection, query, start), cancellationToken);
    }

    private async Task<TransferPage> SearchAsync(DbConnection connection, TransferQuery query, ListPlace start)
    {
        var organisations = await OrganisationsAsync(connection, query);
        var look = Math.Max(lookMin, lookMax / Math.Max(1, organisations.Count));
        var found = new List<Transfer>();
        ListPlace? floor = null;
        foreach (var organisation in organisations)
        {
            var (some, lowest) = await OfOrganisationAsync(connection, query, organisation, start, look);
            found.AddRange(some);
            if (lowest is { } place && (floor is not { } highest || Compare(place, highest) > 0))
                floor = place;
        }

        // Below the highest floor, an organisation may have some that were not looked at.
        var page = found.Where(transfer => floor is not { } lowest || Compare(Place(transfer), lowest) >= 0)
            .OrderByDescending(transfer => transfer.AtMs).ThenByDescending(transfer => transfer.Id, StringComparer.Ordinal).Take(query.CountMax).ToList();
        var end = page.Count == query.CountMax ? Place(page[^1]) : floor;
        return new TransferPage(page, end?.ToString(), end?.AtMs ?? query.FromMs);
    }

    private static async Task<(List<Transfer> Some, ListPlace? Lowest)> OfOrganisationAsync(DbConnection connection, TransferQuery query, string organisation, ListPlace start, int look)
    {
        const string Within = "organisation = @organisation AND (at_ms, id) < (@startMs, @startId) AND at_ms <= @startMs AND at_ms >= @FromMs";
        var parameters = new DynamicParameters(new { organisation, startMs = start.AtMs, startId = start.Id, query.FromMs, query.Account, query.Kind, query.CountMax, look });
        var where = new StringBuilder(Within);
        PlaceRow? lowest = null;
        if (query.Account is not null || query.Kind is not null)
        {
            lowest = await connection.QueryFirstOrDefaultAsync<PlaceRow>($"SELECT at_ms, id FROM transfers WHERE {Within} ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET @look", parameters);
            if (query.Account is not null)
                where.Append(" AND (debit = @Account OR credit = @Account)");
            if (query.Kind is not null)
                where.Append(" AND kind = @Kind");
        }

        if (lowest is not null)
        {
            // In the place of the lower end that is there: of two, SQLite takes the first for its index and reads down to that.
            where.Append(" AND (at_ms, id) >= (@FromMs, @lowestId)");
            parameters.Add("FromMs", lowest.AtMs);
            parameters.Add("lowestId", lowest.Id);
        }

        var some = (await connection.QueryAsync<Transfer>($"SELECT {LedgerTables.TransferColumns} FROM transfers WHERE {where} ORDER BY at_ms DESC, id DESC LIMIT @CountMax", parameters)).AsList();

        // A full page goes no deeper than its last, and the merged page does not either.
        return (some, lowest is null || some.Count == query.CountMax ? null : new ListPlace(lowest.AtMs, lowest.Id));
    }

    // What people book between our own accounts and an organisation's is of no organisation.
    private static async Task<IReadOnlyList<string>> OrganisationsAsync(DbConnection connection, TransferQuery query)
    {
        if (query.Organisation is { } one)
            return [one];
        if (query.Account is { } account && AccountNames.OrganisationOf(account) is { } owner)
            return [owner, ""];
        return (await connection.QueryAsync<string>($"{KnownOrganisations.With("transfers")}SELECT name FROM organisations WHERE name IS NOT NULL")).AsList();
    }

    private static ListPlace Place(Transfer transfer) => new(transfer.AtMs, transfer.Id);

    private static int Compare(ListPlace one, ListPlace other) => one.AtMs != other.AtMs ? one.AtMs.CompareTo(other.AtMs) : string.CompareOrdinal(one.Id, other.Id);

    private sealed class PlaceRow
    {
        public long AtMs { get; init; }
        public string Id { get; init; } = "";
    }
}
