using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Policies;

/// <summary>Policies: what there are, and those of the console to be made, tried on the last day and changed.</summary>
internal static class PolicyPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (rules, holder) = (services.GetRequiredService<RuleAdmin>(), services.GetRequiredService<SnapshotHolder>());
        routes.Page<PoliciesPage>("/policies");
        routes.Page<PolicyEditPage>("/policies/edit", Access.Operate);
        routes.Form("/policies/edit", Access.Operate, (form, cancellation) => EditAsync(form, rules, holder, cancellation));
        routes.Form("/policies/delete", Access.Operate, async (form, cancellation) =>
        {
            var used = await rules.UsersAsync(form["name"], cancellation);
            if (!used.IsSuccess || used.Value.All.Any())
            {
                var problem = used.Fault is { } fault ? form.Page.Text["common.database", fault.Message] : form.Page.Text["policies.in_use", string.Join(", ", used.Value.All)];
                return FormOutcome.Wrong<PolicyEditPage>(new Dictionary<string, object?> { [nameof(PolicyEditPage.Name)] = form["name"], [nameof(PolicyEditPage.Problems)] = (IReadOnlyList<string>)[problem] });
            }

            var deleted = await rules.DeleteAsync(ConsoleRuleKind.Policy, form["name"], form.Page.User!.Name, cancellation);
            return FormOutcome.Done(PageLink.To("policies"), deleted is { IsSuccess: true, Value: true } ? "rule_deleted" : "not_done");
        });
    }

    private static async ValueTask<FormOutcome> EditAsync(SentForm form, RuleAdmin rules, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var fields = PolicyFields.Of(form);
        var rule = fields.Compose(form.Page.User!.Name);
        var state = ConsoleRules.Read(rule, holder.Current.Config);
        var problems = state.IsShadowed ? [form.Page.Text["policies.file_has", fields.Name]] : state.Problems;
        if (problems.Count == 0 && rules.WrittenMeanwhileBy(rule, form["seen"]) is { } by)
            problems = [form.Page.Text["policies.written_meanwhile", fields.Name, by]];
        if (form["do"] == "save" && problems.Count == 0)
        {
            var saved = await rules.SaveAsync(rule, cancellationToken);
            if (saved.IsSuccess)
                return FormOutcome.Done(PageLink.To("policies"), "rule_saved");
            problems = [form.Page.Text["common.database", saved.Fault!.Message]];
        }

        var parameters = new Dictionary<string, object?> { [nameof(PolicyEditPage.Fields)] = fields, [nameof(PolicyEditPage.Problems)] = problems, [nameof(PolicyEditPage.Seen)] = form["seen"], [nameof(PolicyEditPage.Trial)] = problems.Count == 0 ? state.Policy : null, [nameof(PolicyEditPage.Route)] = form["route"] };
        return problems.Count == 0 ? FormOutcome.Preview<PolicyEditPage>(parameters) : FormOutcome.Wrong<PolicyEditPage>(parameters);
    }
}
