using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Snapshots;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Policies;

/// <summary>Policies: what there are, and those of the console to be made, tried on the last day and changed.</summary>
internal static class PolicyPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (rules, holder) = (services.GetRequiredService<ConsoleRules>(), services.GetRequiredService<SnapshotHolder>());
        routes.Page<PoliciesPage>("/policies");
        routes.Page<PolicyEditPage>("/policies/edit", Access.Operate);
        routes.Form("/policies/edit", Access.Operate, (form, cancellation) => EditAsync(form, rules, holder, cancellation));
        routes.Form("/policies/delete", Access.Operate, async (form, cancellation) =>
        {
            var deleted = await rules.DeleteAsync(ConsoleRuleKind.Policy, form["name"], holder, cancellation);
            return FormOutcome.Done(PageLink.To("policies"), deleted is { IsSuccess: true, Value: true } ? "rule_deleted" : "not_done");
        });
    }

    private static async ValueTask<FormOutcome> EditAsync(SentForm form, ConsoleRules rules, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var fields = PolicyFields.Of(form);
        var rule = fields.Compose(form.Page.User!.Name);
        var state = ConsoleRules.Read(rule, holder.Current.Config);
        var problems = state.IsShadowed ? [form.Page.Text["policies.file_has", fields.Name]] : state.Problems;
        if (form["do"] == "save" && problems.Count == 0)
        {
            var saved = await rules.SaveAsync(rule, holder, cancellationToken);
            if (saved.IsSuccess)
                return FormOutcome.Done(PageLink.To("policies"), "rule_saved");
            problems = [form.Page.Text["common.database", saved.Fault!.Message]];
        }

        var parameters = new Dictionary<string, object?> { [nameof(PolicyEditPage.Fields)] = fields, [nameof(PolicyEditPage.Problems)] = problems, [nameof(PolicyEditPage.Trial)] = problems.Count == 0 ? state.Policy : null, [nameof(PolicyEditPage.Route)] = form["route"] };
        return problems.Count == 0 ? FormOutcome.Preview<PolicyEditPage>(parameters) : FormOutcome.Wrong<PolicyEditPage>(parameters);
    }
}
