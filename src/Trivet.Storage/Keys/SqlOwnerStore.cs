using System.Data.Common;
using System.Text.Json;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;

namespace Trivet.Storage.Keys;

/// <summary>Organisations and teams in the table <c>owners</c>.</summary>
internal sealed class SqlOwnerStore(Database database) : IOwnerStore
{
    private const string Columns = "organisation, team, budgets, requests_per_minute, tokens_per_minute, concurrent_max, allowed_models, pricing, margin_millionths, prepaid_currency";

    private const string UpsertSql = $"""
        INSERT INTO owners ({Columns})
        VALUES (@Organisation, @Team, @Budgets, @RequestsPerMinute, @TokensPerMinute, @ConcurrentMax, @AllowedModels, @Pricing, @MarginMillionths, @PrepaidCurrency)
        ON CONFLICT (organisation, team) DO UPDATE SET budgets = excluded.budgets, requests_per_minute = excluded.requests_per_minute, tokens_per_minute = excluded.tokens_per_minute,
            concurrent_max = excluded.concurrent_max, allowed_models = excluded.allowed_models, pricing = excluded.pricing, margin_millionths = excluded.margin_millionths,
            prepaid_currency = excluded.prepaid_currency
        """;

    // What was paid and spent so far; from here on every transfer of the account changes both.
    private const string PrepaidSql = """
        INSERT INTO allowances (id, limit_nano, spent_nano, leased_nano, ends_ms)
        VALUES (@account, COALESCE((SELECT credits_nano FROM accounts WHERE id = @account), 0), COALESCE((SELECT debits_nano FROM accounts WHERE id = @account), 0), 0, 0)
        ON CONFLICT (id) DO NOTHING
        """;

    public ValueTask<StoreOutcome<IReadOnlyList<OwnerRecord>>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync(ListAsync, cancellationToken);

    public ValueTask<StoreOutcome<OwnerRecord>> ChangeAsync(string organisation, string team, Func<OwnerRecord, OwnerRecord> change, CancellationToken cancellationToken) =>
        database.WriteAsync<OwnerRecord>(
            async scope =>
            {
                // First, because it locks: two people who change one owner at the same time both get what they asked for.
                await SqlKeyStore.AnnounceAsync(database, scope, cancellationToken);
                var row = await scope.Connection.QueryFirstOrDefaultAsync<OwnerRow>(
                    $"SELECT {Columns} FROM owners WHERE organisation = @organisation AND team = @team", new { organisation, team }, scope.Transaction);
                var owner = change(row?.ToRecord() ?? new OwnerRecord { Organisation = organisation, Team = team });
                await scope.Connection.ExecuteAsync(UpsertSql, OwnerRow.Of(owner), scope.Transaction);
                if (owner.PrepaidCurrency.Length > 0)
                    await scope.Connection.ExecuteAsync(PrepaidSql, new { account = AccountNames.Customer(organisation, team, "", owner.PrepaidCurrency) }, scope.Transaction);
                return owner;
            },
            cancellationToken);

    internal static async Task<IReadOnlyList<OwnerRecord>> ListAsync(DbConnection connection) =>
        [.. (await connection.QueryAsync<OwnerRow>($"SELECT {Columns} FROM owners ORDER BY organisation, team")).Select(row => row.ToRecord())];

    private sealed class OwnerRow
    {
        public string Organisation { get; init; } = "";
        public string Team { get; init; } = "";
        public string Budgets { get; init; } = "";
        public long? RequestsPerMinute { get; init; }
        public long? TokensPerMinute { get; init; }
        public long? ConcurrentMax { get; init; }
        public string? AllowedModels { get; init; }
        public string Pricing { get; init; } = "";
        public long MarginMillionths { get; init; }
        public string PrepaidCurrency { get; init; } = "";

        public static OwnerRow Of(OwnerRecord owner) => new()
        {
            Organisation = owner.Organisation,
            Team = owner.Team,
            Budgets = Budget.Join(owner.Budgets),
            RequestsPerMinute = owner.RequestsPerMinute,
            TokensPerMinute = owner.TokensPerMinute,
            ConcurrentMax = owner.ConcurrentMax,
            AllowedModels = owner.AllowedModels is null ? null : JsonSerializer.Serialize(owner.AllowedModels),
            Pricing = owner.Team.Length > 0 ? "" : owner.Pricing.ToString().ToLowerInvariant(),
            MarginMillionths = owner.MarginMillionths,
            PrepaidCurrency = owner.PrepaidCurrency,
        };

        public OwnerRecord ToRecord() => new()
        {
            Organisation = Organisation,
            Team = Team,
            Budgets = Budget.TryParseList(Budgets, out var budgets) ? budgets : throw new FormatException($"A stored budget is unreadable: {Budgets}"),
            RequestsPerMinute = (int?)RequestsPerMinute,
            TokensPerMinute = (int?)TokensPerMinute,
            ConcurrentMax = (int?)ConcurrentMax,
            AllowedModels = AllowedModels is null ? null : JsonSerializer.Deserialize<string[]>(AllowedModels),
            Pricing = Pricing.Length == 0 ? default : Enum.Parse<Pricing>(Pricing, ignoreCase: true),
            MarginMillionths = MarginMillionths,
            PrepaidCurrency = PrepaidCurrency,
        };
    }
}
