using System.Text.Json;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.Storage.Journal;

/// <summary>The journal in the tables <c>journal_entries</c>, <c>journal_tags</c> and <c>journal_marks</c>.</summary>
internal sealed class SqlJournalStore(Database database) : IJournalStore
{
    private const string Columns = "e.id, e.at_ms, e.kind, e.subject, e.title, e.body, e.author, e.tags, e.evidence";

    // The interval is open below and closed above, so that one of no length holds nothing and the id alone decides.
    private const string InsertSql = """
        INSERT INTO journal_entries (id, at_ms, kind, subject, title, body, author, tags, evidence)
        SELECT @Id, @AtMs, @Kind, @Subject, @Title, @Body, @Author, @Tags, @Evidence
        WHERE NOT EXISTS (SELECT 1 FROM journal_entries WHERE kind = @Kind AND subject = @Subject AND at_ms > @MergeFromMs AND at_ms <= @MergeToMs)
        ON CONFLICT (id) DO NOTHING
        """;

    public ValueTask<StoreOutcome<IReadOnlyList<string>>> SaveAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<string>>(
            async scope =>
            {
                var written = new List<string>();
                foreach (var entry in entries)
                {
                    if (await scope.Connection.ExecuteAsync(InsertSql, EntryRow.Of(entry), scope.Transaction) == 0)
                        continue;
                    written.Add(entry.Id);
                    foreach (var tag in entry.Tags)
                    {
                        await scope.Connection.ExecuteAsync(
                            "INSERT INTO journal_tags (tag, at_ms, entry_id) VALUES (@tag, @AtMs, @Id) ON CONFLICT (tag, at_ms, entry_id) DO NOTHING", new { tag, entry.AtMs, entry.Id }, scope.Transaction);
                    }
                }

                return written;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<JournalPage>> QueryAsync(JournalQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                var limit = Math.Clamp(query.Limit, 1, JournalQuery.LimitMax);
                var (where, parameters) = Conditions(query);
                parameters.Add("limit", limit + 1L);
                var from = query.Tag is null ? "journal_entries AS e" : "journal_tags AS t JOIN journal_entries AS e ON e.id = t.entry_id";
                var (time, id) = query.Tag is null ? ("e.at_ms", "e.id") : ("t.at_ms", "t.entry_id");
                var rows = (await connection.QueryAsync<EntryRow>(
                    $"SELECT {Columns} FROM {from} WHERE {where} ORDER BY {time} DESC, {id} DESC LIMIT @limit", parameters)).AsList();
                var entries = rows.Take(limit).Select(row => row.ToEntry()).ToList();
                return new JournalPage(entries, rows.Count > limit ? new JournalPlace(entries[^1].AtMs, entries[^1].Id) : null);
            },
            cancellationToken);

    public async ValueTask<StoreOutcome<JournalEntry>> FindAsync(string id, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(connection => connection.QueryFirstOrDefaultAsync<EntryRow>($"SELECT {Columns} FROM journal_entries AS e WHERE e.id = @id", new { id }), cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } row ? row.ToEntry() : Missing(id);
    }

    public ValueTask<StoreOutcome<bool>> DeleteNoteAsync(string id, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                if (await scope.Connection.ExecuteAsync("DELETE FROM journal_entries WHERE id = @id AND kind = @kind", new { id, kind = JournalKinds.Note }, scope.Transaction) == 0)
                    return Missing(id);
                await scope.Connection.ExecuteAsync("DELETE FROM journal_tags WHERE entry_id = @id", new { id }, scope.Transaction);
                return true;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<JournalTag>>> TagsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<JournalTag>>(
            async connection => (await connection.QueryAsync<TagRow>("SELECT tag, COUNT(*) AS count, MAX(at_ms) AS last_ms FROM journal_tags GROUP BY tag ORDER BY count DESC, tag"))
                .Select(row => new JournalTag(row.Tag, row.Count, row.LastMs)).ToList(),
            cancellationToken);

    public ValueTask<StoreOutcome<string?>> ReadMarkAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<string?>("SELECT value FROM journal_marks WHERE name = @name", new { name }), cancellationToken);

    public ValueTask<StoreOutcome<bool>> SetMarkAsync(string name, string value, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope => await scope.Connection.ExecuteAsync(
                "INSERT INTO journal_marks (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { name, value }, scope.Transaction) > 0,
            cancellationToken);

    private static StoreFault Missing(string id) => new(StoreFaultKind.NotFound, $"There is no such entry in the journal: {id}");

    private static (string Where, DynamicParameters Parameters) Conditions(JournalQuery query)
    {
        var (conditions, parameters) = (new List<string> { "1 = 1" }, new DynamicParameters());
        var (time, id) = query.Tag is null ? ("e.at_ms", "e.id") : ("t.at_ms", "t.entry_id");
        if (query.Tag is { } tag)
            Add("t.tag = @tag", ("tag", tag));
        if (query.FromMs is { } from)
            Add($"{time} >= @from", ("from", from));
        if (query.ToMs is { } to)
            Add($"{time} < @to", ("to", to));
        if (query.After is { } after)
            Add($"({time} < @afterMs OR ({time} = @afterMs AND {id} < @afterId))", ("afterMs", after.AtMs), ("afterId", after.Id));
        if (query.Subject is { Length: > 0 } subject)
            Add(@"(e.subject = @subject OR e.subject LIKE @below ESCAPE '\')", ("subject", subject), ("below", Escaped(subject) + "/%"));
        if (query.Text is { Length: > 0 } text)
            Add(@"(LOWER(e.title) LIKE @text ESCAPE '\' OR LOWER(e.body) LIKE @text ESCAPE '\')", ("text", $"%{Escaped(text.ToLowerInvariant())}%"));
        if (query.Kinds.Count > 0)
            Add($"e.kind IN ({string.Join(", ", query.Kinds.Select((_, index) => $"@k{index}"))})", [.. query.Kinds.Select((kind, index) => ($"k{index}", (object)kind))]);
        return (string.Join(" AND ", conditions), parameters);

        void Add(string condition, params ReadOnlySpan<(string Name, object Value)> values)
        {
            conditions.Add(condition);
            foreach (var (name, value) in values)
                parameters.Add(name, value);
        }
    }

    private static string Escaped(string text) => text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    private sealed class TagRow
    {
        public string Tag { get; init; } = "";
        public long Count { get; init; }
        public long LastMs { get; init; }
    }

    private sealed class EntryRow
    {
        public string Id { get; init; } = "";
        public long AtMs { get; init; }
        public string Kind { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Title { get; init; } = "";
        public string Body { get; init; } = "";
        public string Author { get; init; } = "";
        public string Tags { get; init; } = "";
        public string Evidence { get; init; } = "";
        public long MergeFromMs { get; init; }
        public long MergeToMs { get; init; }

        public static EntryRow Of(JournalEntry entry) => new()
        {
            Id = entry.Id,
            AtMs = entry.AtMs,
            Kind = entry.Kind,
            Subject = Plain(entry.Subject),
            Title = Plain(entry.Title),
            Body = Plain(entry.Text),
            Author = Plain(entry.Author),
            Tags = JsonSerializer.Serialize(entry.Tags.Select(Plain)),
            Evidence = JsonSerializer.Serialize(entry.Evidence.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)),
            MergeFromMs = entry.AtMs - entry.MergeMs,
            MergeToMs = entry.AtMs + entry.MergeMs,
        };

        public JournalEntry ToEntry() => new()
        {
            Id = Id,
            AtMs = AtMs,
            Kind = Kind,
            Subject = Subject,
            Title = Title,
            Text = Body,
            Author = Author,
            Tags = JsonSerializer.Deserialize<string[]>(Tags) ?? [],
            Evidence = JsonSerializer.Deserialize<Dictionary<string, string>>(Evidence) ?? [],
        };

        // PostgreSQL takes neither NUL nor half a surrogate pair; people paste both.
        private static string Plain(string text)
        {
            if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0', StringComparison.Ordinal))
                return text;
            return string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
        }
    }
}
