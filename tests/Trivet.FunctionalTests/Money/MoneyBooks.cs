using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>An attempt as the books have it.</summary>
internal sealed class BookedAttempt
{
    public string UpstreamModel { get; init; } = "";
    public string Failure { get; init; } = "";
    public long InputUncachedTokens { get; init; }
    public long OutputTextTokens { get; init; }
    public long CostNano { get; init; }
    public long ChargedNano { get; init; }
    public long Estimated { get; init; }
    public long Recovered { get; init; }
}

/// <summary>The books beside what the sandbox says that it served. Each request of these tests asks for a model of its own, <c>any-…</c>, so that one line here is one line there.</summary>
internal static class MoneyBooks
{
    public static async Task<List<BookedAttempt>> AttemptsAsync(string database)
    {
        await using var connection = await OpenAsync(database);
        return (await connection.QueryAsync<BookedAttempt>(
            """
            SELECT upstream_model AS UpstreamModel, failure AS Failure, input_uncached_tokens AS InputUncachedTokens, output_text_tokens AS OutputTextTokens, COALESCE(cost_nano, 0) AS CostNano,
                COALESCE(charged_nano, 0) AS ChargedNano, estimated AS Estimated, recovered AS Recovered FROM attempts
            """)).AsList();
    }

    /// <summary>Allowances of which more is spent or set aside than there is, or more counted than was billed.</summary>
    public static async Task<long> WrongAllowancesAsync(string database)
    {
        await using var connection = await OpenAsync(database);
        return await connection.ExecuteScalarAsync<long>(
            """
            SELECT COUNT(*) FROM allowances a
            WHERE spent_nano + leased_nano > limit_nano OR leased_nano < 0
                OR spent_nano <> (SELECT COALESCE(SUM(charged_nano), 0) FROM attempts WHERE a.id LIKE '%/' || key_id || '/%')
            """);
    }

    public static List<SandboxLogEntry> Served(SandboxHost sandbox) => [.. sandbox.Log.All().Where(entry => entry.Model?.StartsWith("any-", StringComparison.Ordinal) == true)];

    /// <summary>What was served to its end is in the books once, at what it cost.</summary>
    public static void AssertBooked(SandboxLogEntry served, BookedAttempt attempt)
    {
        Assert.Equal((served.Usage!.InputTokens, served.Usage.OutputTokens), (attempt.InputUncachedTokens, attempt.OutputTextTokens));
        Assert.Equal((served.Usage.InputTokens * 1000L) + (served.Usage.OutputTokens * 10_000L), attempt.CostNano);
    }

    /// <summary>Nothing served is missing, twice or at another price, and nothing is booked that was not served. Waits for what is on its way.</summary>
    public static async Task<int> AssertEqualAsync(SandboxHost sandbox, string database)
    {
        var served = Served(sandbox);
        var booked = await AttemptsAsync(database);
        for (var tries = 0; booked.Count < served.Count && tries < 300; tries++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            booked = await AttemptsAsync(database);
        }

        var books = booked.ToLookup(attempt => attempt.UpstreamModel);
        foreach (var entry in served)
            AssertBooked(entry, Assert.Single(books[entry.Model!]));
        Assert.Equal(served.Count, booked.Count);
        return served.Count;
    }

    private static async Task<DbConnection> OpenAsync(string database)
    {
        DbConnection connection = Uri.TryCreate(database, UriKind.Absolute, out var url) && url.Scheme == "postgres"
            ? new NpgsqlConnection($"Host={url.Host};Port={url.Port};Username={url.UserInfo};Database={url.AbsolutePath[1..]};Pooling=false")
            : new SqliteConnection($"Data Source={Path.Combine(database, "trivet.db")};Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
