using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Routes;

/// <summary>Which names clients may ask for, and who serves them.</summary>
internal static class RoutePages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (rules, holder) = (services.GetRequiredService<RuleAdmin>(), services.GetRequiredService<SnapshotHolder>());
        routes.Page<RoutesPage>("/routes");
        routes.Page<RoutePage>("/routes/{**name}"); // names of models hold slashes
        routes.Page<RouteEditPage>("/route/edit", Access.Operate);
        routes.Form("/route/edit", Access.Operate, (form, cancellation) => EditAsync(form, rules, holder, cancellation));
        routes.Form("/route/delete", Access.Operate, async (form, cancellation) =>
        {
            var deleted = await rules.DeleteAsync(ConsoleRuleKind.Route, form["name"], form.Page.User!.Name, cancellation);
            return FormOutcome.Done(PageLink.To("routes"), deleted is { IsSuccess: true, Value: true } ? "rule_deleted" : "not_done");
        });
    }

    private static async ValueTask<FormOutcome> EditAsync(SentForm form, RuleAdmin rules, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var fields = new RouteFields(form["name"], form["policy"], form["candidates"], form["rest"]);
        var rule = fields.Compose(form.Page.User!.Name);
        var state = ConsoleRules.Read(rule, holder.Current.Config);
        var problems = state.IsShadowed ? [form.Page.Text["routes.file_has", fields.Name]] : state.Problems;
        if (problems.Count == 0 && rules.WrittenMeanwhileBy(rule, form["seen"]) is { } by)
            problems = [form.Page.Text["policies.written_meanwhile", fields.Name, by]];
        if (form["do"] == "save" && problems.Count == 0)
        {
            var saved = await rules.SaveAsync(rule, cancellationToken);
            if (saved.IsSuccess)
                return FormOutcome.Done(holder.Current.TryResolve(fields.Name, out _) ? PageLink.To(["routes", .. fields.Name.Split('/')]) : PageLink.To("routes"), "rule_saved");
            problems = [form.Page.Text["common.database", saved.Fault!.Message]];
        }

        var parameters = new Dictionary<string, object?> { [nameof(RouteEditPage.Fields)] = fields, [nameof(RouteEditPage.Problems)] = problems, [nameof(RouteEditPage.Seen)] = form["seen"], [nameof(RouteEditPage.Trial)] = problems.Count == 0 ? state.Route : null };
        return problems.Count == 0 ? FormOutcome.Preview<RouteEditPage>(parameters) : FormOutcome.Wrong<RouteEditPage>(parameters);
    }
}
