using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.Server.Cli;

/// <summary><c>trivet journal list|add|tags|export</c>: what happened, and what people have to say to it.</summary>
internal static class JournalVerb
{
    private static readonly Option<string?> Since = new("--since") { Description = $"From when on: {TimeText.Forms}", HelpName = "TIME" };
    private static readonly Option<string?> Tag = new("--tag") { Description = "With this tag", HelpName = "T" };
    private static readonly Option<string?> Kind = new("--kind") { Description = "Of this kind: outage-begins, price-change, quarantine, alarm, note, …", HelpName = "K" };
    private static readonly Option<string?> Subject = new("--subject") { Description = "About this upstream or offering", HelpName = "S" };
    private static readonly Option<string?> Text = new("--text") { Description = "With this in title or text", HelpName = "WORDS" };

    public static Command Build() => new("journal", "Read and write the journal: outages, prices, audits, alarms and people's notes") { List(), Add(), Tags(), Export() };

    private static Command List()
    {
        var limit = new Option<int>("--limit") { Description = "How many at most", DefaultValueFactory = _ => 50, HelpName = "N" };
        var after = new Option<string?>("--after") { Description = "The next page: what the page before names as next", HelpName = "PLACE" };
        var command = new Command("list", "Show entries, the newest first") { Since, Tag, Kind, Subject, Text, limit, after, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!TryQuery(context, result, out var query))
                return Exit.Wrong;
            query = query with { Limit = result.GetValue(limit) };
            if (result.GetValue(after) is { } text)
            {
                if (!JournalPlace.TryParse(text, out var place))
                    return context.Wrong($"--after {text}: give what the page before names as next.");
                query = query with { After = place };
            }

            return await WithAdminAsync(context, async admin => await admin.PageAsync(query, stopping), page => Print(context, page), stopping);
        });
        return command;
    }

    private static Command Add()
    {
        var text = new Argument<string>("TEXT") { Description = "The note, in Markdown; - reads it from standard input" };
        var title = new Option<string?>("--title") { Description = "One line (default: the first of the note)", HelpName = "T" };
        var tags = new Option<string[]>("--tag") { Description = "A tag; may be given several times", HelpName = "T" };
        var subject = new Option<string?>("--subject") { Description = "What it is about, such as an upstream", HelpName = "S" };
        var author = new Option<string?>("--author") { Description = "Who says it (default: the user of this shell)", HelpName = "NAME" };
        var command = new Command("add", "Write a note") { text, title, tags, subject, author, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var note = result.GetRequiredValue(text) is "-" ? await Console.In.ReadToEndAsync(stopping) : result.GetRequiredValue(text);
            if (JournalAdmin.ProblemOf(result.GetValue(title) ?? "", note) is { } problem)
                return context.Wrong(problem);
            return await WithAdminAsync(
                context,
                async admin => await admin.AddAsync(result.GetValue(author) ?? Environment.UserName, result.GetValue(title) ?? "", note, result.GetValue(tags) ?? [], result.GetValue(subject) ?? "", null, stopping),
                entry => context.Json ? JsonOutput.Write(context.Output, json => JournalExport.Write(json, entry)) : Say(context, $"Noted: {entry.Title}"),
                stopping);
        });
        return command;
    }

    private static Command Tags()
    {
        var command = new Command("tags", "Show all tags and how often they are used") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return WithAdminAsync(context, async admin => await admin.TagsAsync(stopping), tags => Print(context, tags), stopping);
        });
        return command;
    }

    private static Command Export()
    {
        var format = new Option<string>("--format") { Description = "As what", DefaultValueFactory = _ => "json" };
        format.AcceptOnlyFromAmong("json", "markdown", "atom");
        var self = new Option<Uri>("--self") { Description = "The address under which a feed will be found", HelpName = "URL", DefaultValueFactory = _ => new Uri("http://127.0.0.1:4180/journal/feed.atom") };
        var command = new Command("export", "Write entries out as JSON, Markdown or an Atom feed") { Since, Tag, Kind, Subject, Text, format, self };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!TryQuery(context, result, out var query))
                return Exit.Wrong;
            return await WithAdminAsync(
                context,
                async admin => await admin.AllAsync(query, stopping),
                entries => Say(context, result.GetRequiredValue(format) switch
                {
                    "markdown" => JournalExport.Markdown(entries),
                    "atom" => JournalFeed.Write(entries, "Trivet", result.GetRequiredValue(self), context.Time.GetUtcNow().ToUnixTimeMilliseconds()),
                    _ => JournalExport.Json(entries),
                }),
                stopping);
        });
        return command;
    }

    private static bool TryQuery(VerbContext context, ParseResult result, out JournalQuery query)
    {
        query = new JournalQuery
        {
            Tag = result.GetValue(Tag) is { } tag && JournalEntry.TagsOf([tag]) is [var tidy, ..] ? tidy : null,
            Kinds = result.GetValue(Kind) is { } kind ? [kind] : [],
            Subject = result.GetValue(Subject),
            Text = result.GetValue(Text),
        };
        if (result.GetValue(Since) is not { } since)
            return true;
        if (!TimeText.TryParseSince(since, context.Time.GetUtcNow(), out var from))
        {
            context.Wrong($"--since {since}: write {TimeText.Forms}.");
            return false;
        }

        query = query with { FromMs = from.ToUnixTimeMilliseconds() };
        return true;
    }

    private static Task<int> WithAdminAsync<T>(VerbContext context, Func<JournalAdmin, Task<StoreOutcome<T>>> ask, Func<T, int> show, CancellationToken stopping) =>
        context.WithDatabaseAsync(
            async database =>
            {
                var outcome = await ask(new JournalAdmin(database.Journal, context.Time));
                return outcome.Fault is { } fault ? context.No(fault) : show(outcome.Value);
            },
            mayCreate: false, stopping);

    private static int Say(VerbContext context, string text)
    {
        context.Output.WriteLine(text.TrimEnd('\n'));
        return Exit.Done;
    }

    private static int Print(VerbContext context, JournalPage page)
    {
        if (context.Json)
        {
            return JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("entries");
                foreach (var entry in page.Entries)
                    JournalExport.Write(json, entry);
                json.WriteEndArray();
                json.WriteString("next", page.Next?.ToString());
                json.WriteEndObject();
            });
        }

        var table = new TextTable("WHEN (UTC)", "KIND", "SUBJECT", "WHAT", "TAGS");
        foreach (var entry in page.Entries)
            table.Add(Time(entry.AtMs), entry.Kind, entry.Subject, entry.Title, string.Join(' ', entry.Tags));
        if (page.Entries.Count == 0)
            context.Output.WriteLine("The journal holds nothing of that.");
        else
            table.Write(context.Output);
        if (page.Next is { } next)
            context.Output.WriteLine($"More: --after {next}");
        return Exit.Done;
    }

    private static int Print(VerbContext context, IReadOnlyList<JournalTag> tags)
    {
        if (context.Json)
        {
            return JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartArray();
                foreach (var tag in tags)
                {
                    json.WriteStartObject();
                    json.WriteString("tag", tag.Tag);
                    json.WriteNumber("count", tag.Count);
                    json.WriteNumber("last_ms", tag.LastMs);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }

        var table = new TextTable("TAG", ">ENTRIES", "LAST (UTC)");
        foreach (var tag in tags)
            table.Add(tag.Tag, tag.Count.ToString(CultureInfo.InvariantCulture), Time(tag.LastMs));
        table.Write(context.Output);
        return Exit.Done;
    }

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
