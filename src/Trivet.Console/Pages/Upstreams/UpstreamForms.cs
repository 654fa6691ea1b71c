using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Upstreams;

/// <summary>An upstream as it was typed, and what is wrong with it. Keys are never given back.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Vendor">Whose it is.</param>
/// <param name="Protocol">What is spoken at <paramref name="Address"/>.</param>
/// <param name="Address">Where, if not where the vendor's profile says.</param>
/// <param name="Models">Between commas.</param>
/// <param name="Factor">Of the list price.</param>
/// <param name="Definition">All of it as a file would say it; null while it is made of the fields above.</param>
/// <param name="Problems">What is wrong.</param>
public sealed record UpstreamDraft(string Name, string Vendor, string Protocol, string Address, string Models, string Factor, string? Definition, IReadOnlyList<string> Problems);

/// <summary>Adds, changes, switches off and removes upstreams of the console.</summary>
internal static class UpstreamForms
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var upstreams = services.GetRequiredService<ConsoleUpstreams>();
        var (admin, holder) = (services.GetRequiredService<ConsoleUpstreamAdmin>(), services.GetRequiredService<SnapshotHolder>());
        routes.Form("/upstreams/new", Access.Operate, (form, cancellation) => AddAsync(form, upstreams, admin, holder, cancellation));
        routes.Form("/upstreams/{name}/edit", Access.Operate, (form, cancellation) => EditAsync(form, upstreams, admin, cancellation));
        routes.Form("/upstreams/{name}/switch", Access.Operate, (form, cancellation) => SwitchAsync(form, admin, cancellation));
        routes.Form("/upstreams/{name}/delete", Access.Operate, async (form, cancellation) =>
        {
            var deleted = await admin.DeleteAsync(form.Route("name"), form.Page.User!.Name, cancellation);
            return FormOutcome.Done(PageLink.To("upstreams"), deleted is { IsSuccess: true, Value: true } ? "upstream_deleted" : "not_done");
        });
    }

    private static async ValueTask<FormOutcome> AddAsync(SentForm form, ConsoleUpstreams upstreams, ConsoleUpstreamAdmin admin, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var text = form.Page.Text;
        var draft = new UpstreamDraft(form["name"], form["vendor"], form["protocol"], form["address"], form["models"], form["factor"], null, []);
        var keys = Keys(form);
        var upstream = new ConsoleUpstream { Name = draft.Name, Definition = Compose(draft), SetBy = form.Page.User!.Name, SealedKeys = upstreams.Seal(draft.Name, keys) };
        IReadOnlyList<string> problems = holder.Current.TryGetUpstream(draft.Name, out _) || admin.Find(draft.Name) is not null ? [text["upstreams.name_taken"]] : upstreams.Check(upstream);
        if (problems.Count > 0)
            return Wrong(draft with { Problems = problems }, null);
        var saved = await admin.SaveAsync(upstream, cancellationToken);
        return saved.Fault is { } fault ? Wrong(draft with { Problems = [text["common.database", fault.Message]] }, null) : FormOutcome.Done(PageLink.To("upstreams", draft.Name), "upstream_added");
    }

    private static async ValueTask<FormOutcome> EditAsync(SentForm form, ConsoleUpstreams upstreams, ConsoleUpstreamAdmin admin, CancellationToken cancellationToken)
    {
        if (admin.Find(form.Route("name")) is not { } before)
            return FormOutcome.Done(PageLink.To("upstreams"), "not_done");
        var keys = Keys(form);
        var upstream = before with { Definition = form["definition"], SetBy = form.Page.User!.Name, SealedKeys = keys.Count > 0 ? upstreams.Seal(before.Name, keys) : before.SealedKeys };

        var problems = upstreams.Check(upstream);

        // Whoever could send a kept key to another address could read it.
        if (problems.Count == 0 && keys.Count == 0 && before.SealedKeys.Count > 0 && form["definition"].ReplaceLineEndings("\n") != before.Definition.ReplaceLineEndings("\n"))
            problems = [form.Page.Text["upstreams.keys_again"]];
        if (problems.Count == 0)
        {
            var saved = await admin.SaveAsync(upstream, cancellationToken);
            if (saved.IsSuccess)
                return FormOutcome.Done(PageLink.To("upstreams", before.Name), "upstream_saved");
            problems = [form.Page.Text["common.database", saved.Fault!.Message]];
        }

        return Wrong(new UpstreamDraft(before.Name, "", "", "", "", "", form["definition"], problems), before.Name);
    }

    private static async ValueTask<FormOutcome> SwitchAsync(SentForm form, ConsoleUpstreamAdmin admin, CancellationToken cancellationToken)
    {
        if (admin.Find(form.Route("name")) is not { } before)
            return FormOutcome.Done(PageLink.To("upstreams"), "not_done");
        var saved = await admin.SaveAsync(before with { IsDisabled = form["to"] == "off", SetBy = form.Page.User!.Name }, cancellationToken);
        return FormOutcome.Done(PageLink.To("upstreams", before.Name), saved.IsSuccess ? "upstream_saved" : "not_done");
    }

    private static IReadOnlyList<string> Keys(SentForm form) => form["keys"].Split(['\n', '\r', ' ', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static FormOutcome Wrong(UpstreamDraft draft, string? name) => FormOutcome.Wrong<UpstreamEditPage>(new Dictionary<string, object?> { [nameof(UpstreamEditPage.Name)] = name, [nameof(UpstreamEditPage.Draft)] = draft });

    private static string Compose(UpstreamDraft draft)
    {
        var lines = new List<string> { $"vendor: {Quoted(draft.Vendor)}" };
        if (draft.Address.Length > 0)
            lines.Add($"endpoints: {{ {Quoted(draft.Protocol)}: {Quoted(draft.Address)} }}");
        if (draft.Models.Split([',', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } models)
            lines.Add($"models: [{string.Join(", ", models.Select(Quoted))}]");
        if (draft.Factor.Length > 0)
            lines.Add($"price: {{ factor: {Quoted(draft.Factor)} }}");
        return string.Join('\n', lines);
    }

    // What people type is text, whatever YAML would make of it.
    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
