using Microsoft.Data.Sqlite;

namespace Trivet.Benchmarks.Chaos;

/// <summary>What the database holds of the requests of a run, by plain SQL.</summary>
/// <param name="Requests">How many requests are booked.</param>
/// <param name="Twice">How many ids are booked more than once.</param>
/// <param name="Missing">Ids that clients were given and nobody booked.</param>
/// <param name="Attempts">How many attempts are booked.</param>
/// <param name="Strays">Attempts whose request is not booked, and requests that count other attempts than are booked.</param>
internal sealed record ChaosBooks(long Requests, long Twice, IReadOnlyList<string> Missing, long Attempts, long Strays)
{
    /// <summary>Reads once all is committed: when two readings a second apart are the same, and hold as many requests as were sent.</summary>
    public static async Task<ChaosBooks> ReadAsync(string dataFolder, ICollection<string> ids, long sent)
    {
        ChaosBooks? before = null;
        for (var tries = 0; ; tries++)
        {
            var books = Read(dataFolder, ids);
            var isSettled = before is not null && before.Requests == books.Requests && before.Attempts == books.Attempts;
            if (isSettled && books.Requests >= sent || tries == 30)
                return books;
            before = books;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>The attempts of a request, in words.</summary>
    public static string Story(string dataFolder, string requestId)
    {
        using var database = Open(dataFolder);
        using var command = database.CreateCommand();
        command.CommandText = "SELECT upstream, failure, output_text_tokens, duration_ms, committed FROM attempts WHERE request_id = $id ORDER BY ordinal";
        command.Parameters.AddWithValue("$id", requestId);
        using var reader = command.ExecuteReader();
        var attempts = new List<string>();
        while (reader.Read())
            attempts.Add($"{reader.GetString(0)} {(reader.GetString(1) is { Length: > 0 } failure ? failure : "ok")}{(reader.GetInt64(4) != 0 ? " committed" : "")} {reader.GetInt64(2)} tokens {reader.GetInt64(3)} ms");
        return attempts.Count == 0 ? "no attempt is booked" : string.Join("; ", attempts);
    }

    private static SqliteConnection Open(string dataFolder)
    {
        var database = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "trivet.db")};Mode=ReadOnly;Pooling=False");
        database.Open();
        return database;
    }

    private static ChaosBooks Read(string dataFolder, ICollection<string> ids)
    {
        using var database = Open(dataFolder);
        var booked = new HashSet<string>(StringComparer.Ordinal);
        var (requests, twice) = (0L, 0L);
        using (var command = database.CreateCommand())
        {
            command.CommandText = "SELECT id FROM requests";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                requests++;
                twice += booked.Add(reader.GetString(0)) ? 0 : 1;
            }
        }
        return new ChaosBooks(
            requests, twice, [.. ids.Where(id => !booked.Contains(id))],
            Number(database, "SELECT count(*) FROM attempts"),
            Number(database, "SELECT count(*) FROM attempts WHERE request_id NOT IN (SELECT id FROM requests)") +
            Number(database, "SELECT count(*) FROM requests r WHERE attempts <> (SELECT count(*) FROM attempts a WHERE a.request_id = r.id)"));
    }

    private static long Number(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
