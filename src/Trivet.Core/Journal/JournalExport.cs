using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trivet.Core.Failures;

namespace Trivet.Core.Journal;

/// <summary>The journal as JSON and as Markdown. Functions of entries and nothing else.</summary>
public static class JournalExport
{
    private const string MarkdownHead = "# Journal\n";

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An array of entries.</summary>
    public static string Json(IEnumerable<JournalEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (var entry in entries)
                Write(json, entry);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>The same, a page at a time: what is long never stands in memory whole. A fault ends it where it is, so that half of it is not taken for all.</summary>
    public static async ValueTask<StoreFault?> WriteJsonAsync(Stream output, IAsyncEnumerable<StoreOutcome<IReadOnlyList<JournalEntry>>> pages, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartArray();
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            if (page.Fault is { } fault)
                return fault;
            foreach (var entry in page.Value)
                Write(json, entry);
            await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        await json.FlushAsync(cancellationToken);
        return null;
    }

    /// <summary>One entry as an object.</summary>
    public static void Write(Utf8JsonWriter json, JournalEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        json.WriteNumber("at_ms", entry.AtMs);
        json.WriteString("kind", entry.Kind);
        json.WriteString("subject", entry.Subject);
        json.WriteString("title", entry.Title);
        json.WriteString("text", entry.Text);
        json.WriteStartArray("tags");
        foreach (var tag in entry.Tags)
            json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteString("author", entry.Author);
        json.WriteStartObject("evidence");
        foreach (var (name, value) in entry.Evidence)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A page of Markdown, one heading per day (UTC).</summary>
    public static string Markdown(IEnumerable<JournalEntry> entries)
    {
        var text = new StringBuilder(MarkdownHead);
        Append(text, entries, "");
        return text.ToString();
    }

    /// <summary>The same, a page at a time, as <see cref="WriteJsonAsync"/>.</summary>
    public static async ValueTask<StoreFault?> WriteMarkdownAsync(Stream output, IAsyncEnumerable<StoreOutcome<IReadOnlyList<JournalEntry>>> pages, CancellationToken cancellationToken)
    {
        var text = new StringBuilder(MarkdownHead);
        var day = "";
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            if (page.Fault is { } fault)
                return fault;
            day = Append(text, page.Value, day);
            await output.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
            text.Clear();
        }

        return null;
    }

    // Answers the day that it ends in.
    private static string Append(StringBuilder text, IEnumerable<JournalEntry> entries, string day)
    {
        foreach (var entry in entries)
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(entry.AtMs);
            var date = at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            if (date != day)
                text.Append(null, $"\n## {date}\n");
            day = date;
            text.Append(null, $"\n### {at.ToString("HH:mm", CultureInfo.InvariantCulture)} {OneLine(entry.Title)}\n\n");
            var who = entry.Author.Length > 0 ? entry.Author : entry.Kind;
            var about = entry.Subject.Length > 0 ? $", {OneLine(entry.Subject)}" : "";
            text.Append($"*{OneLine(who)}{about}* {string.Join(' ', entry.Tags.Select(tag => "#" + tag))}".TrimEnd()).Append('\n');
            if (Body(entry) is { Length: > 0 } body)
                text.Append('\n').Append(body).Append('\n');
        }

        return day;
    }

    /// <summary>The text, and below it the figures that it rests on.</summary>
    internal static string Body(JournalEntry entry)
    {
        var figures = entry.Evidence.Select(pair => $"- {OneLine(pair.Key)}: {OneLine(pair.Value)}");
        return string.Join("\n\n", new[] { entry.Text.Trim(), string.Join('\n', figures) }.Where(part => part.Length > 0));
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
