using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Audits.Items;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Playground;

/// <summary>One prompt to several models side by side.</summary>
internal static class PlaygroundPages
{
    private const int OutputTokensDefault = 1024;
    private const int OutputTokensMax = 32_000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (desk, journal) = (services.GetRequiredService<PlaygroundDesk>(), services.GetRequiredService<JournalAdmin>());
        routes.Page<PlaygroundPage>("/playground", Access.Operate);
        routes.Page<PlaygroundPage>("/playground/{id}", Access.Operate);
        routes.Live<PlaygroundAnswers>("/live/playground/{id}", Pace, Access.Operate);
        routes.Form("/playground", Access.Operate, (form, cancellation) => AskAsync(form, desk, cancellation));
        var items = services.GetRequiredService<AuditItemAdmin>();
        routes.Form("/playground/{id}/item", Access.Operate, (form, cancellation) => SaveItemAsync(form, desk, items, cancellation));
        routes.Form("/playground/{id}/note", Access.Operate, async (form, cancellation) =>
        {
            if (desk.Find(form.Route("id")) is not { } run)
                return FormOutcome.Done(PageLink.To("playground"), "not_done");
            var added = await journal.AddAsync(form.Page.User!.Name, form.Page.Text["playground.note_title", Shortened(run.Prompt)], NoteOf(run), ["playground"], "", null, cancellation);
            return added.IsSuccess ? FormOutcome.Done(PageLink.To("journal", added.Value.Id), "note_added") : FormOutcome.Done(PageLink.To("playground", run.Id), "not_done");
        });
    }

    // The prompt becomes a question that audits ask of every offering and of its reference; what a right answer has is said here.
    private static async ValueTask<FormOutcome> SaveItemAsync(SentForm form, PlaygroundDesk desk, AuditItemAdmin items, CancellationToken cancellationToken)
    {
        if (desk.Find(form.Route("id")) is not { } run)
            return FormOutcome.Done(PageLink.To("playground"), "not_done");
        var draft = new ItemDraft(form["judge"], form["expected"], form["item_name"]);
        var judge = Enum.TryParse<ItemJudge>(draft.Judge, out var known) && Enum.IsDefined(known) ? known : ItemJudge.Contains;
        var item = new OwnItem
        {
            Name = draft.Name,
            Models = [.. run.Answers.Select(UpstreamModel).Distinct(StringComparer.Ordinal)], // no other upstream is shown the prompt
            System = run.System.Length > 0 ? run.System : null,
            Turns = [new ItemTurn(IsUser: true, run.Prompt)],
            Expect = [new ItemExpectation(judge, draft.Expected)],
        };
        var problem = draft.Expected.Length == 0 ? form.Page.Text["playground.item_expected"] : OwnItems.ProblemOf(item);
        if (problem is null)
        {
            var added = await items.AddAsync(item, form.Page.User!.Name, cancellationToken);
            if (added.IsSuccess)
                return FormOutcome.Done(PageLink.To("playground", run.Id), "item_saved");
            problem = added.Fault!.Message;
        }

        return FormOutcome.Wrong<PlaygroundPage>(new Dictionary<string, object?> { [nameof(PlaygroundPage.Id)] = run.Id, [nameof(PlaygroundPage.Item)] = draft with { Problem = problem } });
    }

    private static string UpstreamModel(PlaygroundAnswer answer)
    {
        var name = answer.Now.ServedBy ?? answer.Model;
        return name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
    }

    private static async ValueTask<FormOutcome> AskAsync(SentForm form, PlaygroundDesk desk, CancellationToken cancellationToken)
    {
        var text = form.Page.Text;
        var models = form.Fields["model"].OfType<string>().Concat([form["other"]]).Where(model => model.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var prompt = form.Fields["prompt"].ToString();
        var tokens = int.TryParse(form["tokens"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked is > 0 and <= OutputTokensMax ? asked : OutputTokensDefault;
        var problem = prompt.Trim().Length == 0 ? text["playground.no_prompt"]
            : prompt.Length > PlaygroundDesk.PromptCharsMax ? text["playground.long_prompt", text.Count(PlaygroundDesk.PromptCharsMax)]
            : models.Count is 0 or > PlaygroundDesk.ModelsMax ? text["playground.models_wrong", PlaygroundDesk.ModelsMax]
            : null;
        if (problem is null)
        {
            var started = await desk.StartAsync(prompt, form["system"], models, tokens, form.Page.User!.Name, cancellationToken);
            if (started.IsSuccess)
                return FormOutcome.Done(PageLink.To("playground", started.Value.Id));
            problem = text["common.database", started.Fault!.Message];
        }

        return FormOutcome.Wrong<PlaygroundPage>(new Dictionary<string, object?> { [nameof(PlaygroundPage.Draft)] = new PlaygroundDraft(prompt, form["system"], models, tokens, problem) });
    }

    private static string Shortened(string prompt) => Components.Markdown.Excerpt(prompt, 80);

    private static string NoteOf(PlaygroundRun run)
    {
        var note = new StringBuilder("```\n").Append(run.Prompt.Replace("```", "'''", StringComparison.Ordinal)).Append("\n```\n");
        foreach (var answer in run.Answers)
        {
            var now = answer.Now;
            var cost = now.CostNano is { } nano ? MoneyText.Format(nano, now.Currency) : "?";
            note.Append(CultureInfo.InvariantCulture, $"\n## {answer.Model}\n\n`{now.RequestId}` · {now.FirstContentMs} / {now.DurationMs} ms · {now.InputTokens} → {now.OutputTokens} · {cost}\n\n```\n{(now.Problem ?? now.Text).Replace("```", "'''", StringComparison.Ordinal)}\n```\n");
        }

        return note.Length <= Core.Journal.JournalEntry.TextCharsMax ? note.ToString() : note.ToString(0, Core.Journal.JournalEntry.TextCharsMax);
    }
}

/// <summary>A prompt as it was typed, and what is wrong with it.</summary>
public sealed record PlaygroundDraft(string Prompt, string System, IReadOnlyList<string> Models, int OutputTokensMax, string? Problem);

/// <summary>An item as it was typed, and what is wrong with it.</summary>
/// <param name="Judge">How an answer is judged.</param>
/// <param name="Expected">What a right answer has.</param>
/// <param name="Name">For people.</param>
/// <param name="Problem">Null where nothing is.</param>
public sealed record ItemDraft(string Judge, string Expected, string Name, string? Problem = null);
