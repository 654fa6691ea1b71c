using System.CommandLine;
using Trivet.Core.Admin;
using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;

namespace Trivet.Server.Cli.Audits;

/// <summary><c>trivet audits items add|list|remove|import</c>: questions of the operator's own that audits ask an upstream and its reference.</summary>
internal static class AuditItemsVerb
{
    public static Command Build() => new("items", "Your own items: questions that audits ask an upstream and its reference, judged by program") { Add(), List(), Remove(), Import() };

    private static Command Add()
    {
        var question = new Argument<string?>("QUESTION") { Description = "What the user asks; - reads it from standard input", Arity = ArgumentArity.ZeroOrOne };
        var request = new Option<FileInfo?>("--request") { Description = "Instead of a question: the body of a real request (Chat, Responses, Messages or Gemini), texts only", HelpName = "FILE" };
        var system = new Option<string?>("--system") { Description = "Standing instructions", HelpName = "TEXT" };
        var name = new Option<string?>("--name") { Description = "A name for people", HelpName = "N" };
        var models = new Option<string?>("--models") { Description = "The models it is asked of, comma-separated, * matches (default: all)", HelpName = "a,b" };
        var tokens = new Option<int>("--max-tokens") { Description = "Limit of the answer", HelpName = "N", DefaultValueFactory = _ => OwnItem.DefaultTokensMax };
        var expect = OwnItems.Judges.Select(pair => (pair.Value, Option: new Option<string[]>("--" + Dashed(pair.Key)) { Description = Describe(pair.Value), HelpName = pair.Value == ItemJudge.Number ? "N" : "TEXT" })).ToList();
        var command = new Command("add", "Add an item: what is asked and what a right answer has") { question, request, system, name, models, tokens };
        foreach (var (_, option) in expect)
            command.Options.Add(option);
        command.Options.Add(CommonOptions.Json);
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var (instructions, turns, problem) = await ConversationAsync(result.GetValue(question), result.GetValue(request), stopping);
            var item = new OwnItem
            {
                Name = result.GetValue(name) ?? "",
                Models = [.. (result.GetValue(models) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
                System = result.GetValue(system) ?? instructions,
                Turns = turns,
                Expect = [.. expect.SelectMany(one => (result.GetValue(one.Option) ?? []).Select(value => new ItemExpectation(one.Value, value)))],
                TokensMax = result.GetValue(tokens),
            };
            if ((problem ?? OwnItems.ProblemOf(item)) is { } wrong)
                return context.Wrong(wrong);
            return await WithAdminAsync(context, async admin => await admin.AddAsync(item, Environment.UserName, stopping), added => Tell(context, added), stopping);
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Show the items, the newest first") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return WithAdminAsync(context, async admin => await admin.ListAsync(stopping), items => Print(context, items), stopping);
        });
        return command;
    }

    private static Command Remove()
    {
        var id = new Argument<string>("ID") { Description = "Of an item, from 'trivet audits items list'" }.RefusingOptions();
        var command = new Command("remove", "Take an item away") { id };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return WithAdminAsync(context, async admin => await admin.RemoveAsync(result.GetRequiredValue(id), stopping), _ => Say(context, $"Removed {result.GetRequiredValue(id)}."), stopping);
        });
        return command;
    }

    private static Command Import()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "YAML: items, each with question or turns, expect, and as needed system, models, name, max_tokens" }.RefusingOptions();
        var command = new Command("import", "Add the items of a file, all or none") { file };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var path = result.GetRequiredValue(file);
            if (!path.Exists)
                return context.Wrong($"There is no file {path}.");
            var yaml = await File.ReadAllTextAsync(path.FullName, stopping);
            var (_, problems) = OwnItemReader.Read(yaml);
            foreach (var problem in problems)
                context.Wrong($"{path}: {problem}");
            return problems.Count > 0 ? Exit.Wrong : await WithAdminAsync(context, async admin => await admin.ImportAsync(yaml, Environment.UserName, stopping), count => Say(context, $"{count} items are there."), stopping);
        });
        return command;
    }

    private static async Task<(string? System, IReadOnlyList<ItemTurn> Turns, string? Problem)> ConversationAsync(string? question, FileInfo? request, CancellationToken stopping)
    {
        if (question is null == request is null)
            return (null, [], "Give either a QUESTION or --request FILE.");
        if (request is not null)
            return request.Exists ? ItemRequestReader.Read(await File.ReadAllBytesAsync(request.FullName, stopping)) : (null, [], $"There is no file {request}.");
        return (null, [new ItemTurn(true, question == "-" ? await Console.In.ReadToEndAsync(stopping) : question!)], null);
    }

    private static Task<int> WithAdminAsync<T>(VerbContext context, Func<AuditItemAdmin, Task<StoreOutcome<T>>> ask, Func<T, int> show, CancellationToken stopping) =>
        context.WithDatabaseAsync(
            async database =>
            {
                var outcome = await ask(new AuditItemAdmin(database.AuditItems, context.Time));
                return outcome.Fault is { } fault ? context.No(fault) : show(outcome.Value);
            },
            mayCreate: true, stopping);

    private static int Print(VerbContext context, IReadOnlyList<OwnItem> items)
    {
        if (context.Json)
            return JsonOutput.Write(context.Output, json => AuditsJson.Write(json, items));
        var table = new TextTable("ID", "NAME", "MODELS", "QUESTION", "EXPECTED", "BY");
        foreach (var item in items)
        {
            table.Add(
                item.Id, item.Name, item.Models.Count == 0 ? "all" : string.Join(' ', item.Models), Short(OwnItems.Question(item), 60),
                Short(string.Join("; ", item.Expect.Select(expected => $"{OwnItems.Word(expected.Judge)} {expected.Value}")), 40), item.CreatedBy);
        }

        table.Write(context.Output);
        return Exit.Done;
    }

    private static int Tell(VerbContext context, OwnItem item) => context.Json ? JsonOutput.Write(context.Output, json => AuditsJson.Write(json, item)) : Say(context, $"Added {item.Id}.");

    private static int Say(VerbContext context, string text)
    {
        context.Output.WriteLine(text);
        return Exit.Done;
    }

    private static string Short(string text, int length)
    {
        text = text.ReplaceLineEndings(" ");
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }

    // '--json' is the form of the output in every verb.
    private static string Dashed(string word) => word == OwnItems.Word(ItemJudge.Json) ? "json-is" : word.Replace('_', '-');

    private static string Describe(ItemJudge judge) => judge switch
    {
        ItemJudge.Contains => "A right answer has this text; may be given several times",
        ItemJudge.Lacks => "A right answer does not have this text; may be given several times",
        ItemJudge.Equals => "A right answer is this text",
        ItemJudge.LastLine => "Its last line is this text",
        ItemJudge.Number => "Its last number is this one",
        ItemJudge.Matches => "A regular expression finds something in it",
        _ => "Its JSON object is this one",
    };
}
