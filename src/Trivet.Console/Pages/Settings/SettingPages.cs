using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Users;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Settings;

/// <summary>How the gateway is configured, what is priced how, and who may what.</summary>
internal static class SettingPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (users, tokens) = (services.GetRequiredService<UserAdmin>(), services.GetRequiredService<AdminTokenAdmin>());
        var (rules, holder) = (services.GetRequiredService<RuleAdmin>(), services.GetRequiredService<SnapshotHolder>());
        routes.Page<SettingsPage>("/settings");
        routes.Form("/settings/audits", Access.Operate, (form, cancellation) => SetAuditsAsync(form, rules, holder, cancellation));
        var items = services.GetRequiredService<AuditItemAdmin>();
        routes.Form("/settings/items/{id}", Access.Operate, async (form, cancellation) =>
        {
            var removed = await items.RemoveAsync(form.Route("id"), cancellation);
            return FormOutcome.Done(PageLink.To("settings"), removed.IsSuccess || removed.Fault!.Kind == StoreFaultKind.NotFound ? "item_removed" : "not_done");
        });
        routes.Page<PricesPage>("/settings/prices");
        routes.Page<PeoplePage>("/settings/people", Access.Own);
        routes.Form("/settings/people/invite", Access.Own, async (form, cancellation) =>
        {
            var user = form["user"].Length > 0 ? await FindAsync(users, form["user"], cancellation) : null;
            var made = await users.InviteAsync(Role(form["role"]), user, cancellation);
            return made.Fault is { } fault ? Wrong(fault.Message) : FormOutcome.ShowOnce<PeoplePage>(new Dictionary<string, object?> { [nameof(PeoplePage.Link)] = ConsoleEndpoints.WelcomePath(made.Value.Token) });
        });
        routes.Form("/settings/people/{id}", Access.Own, async (form, cancellation) =>
        {
            if (await FindAsync(users, form.Route("id"), cancellation) is not { } user)
                return FormOutcome.Done(PageLink.To("settings", "people"));
            var saved = form.Has("enable") ? await users.SetEnabledAsync(user, true, cancellation) : form.Has("disable") ? await users.SetEnabledAsync(user, false, cancellation) : await users.SetRoleAsync(user, Role(form["role"]), cancellation);
            return saved.Fault switch
            {
                null => FormOutcome.Done(PageLink.To("settings", "people"), "user_saved"),
                { Kind: StoreFaultKind.Conflict } => Wrong(form.Page.Text["settings.last_owner"]),
                var fault => Wrong(fault.Message),
            };
        });
        routes.Form("/settings/tokens", Access.Own, async (form, cancellation) =>
        {
            if (LimitText.NameProblem("A token", form["name"]) is not null)
                return Wrong(form.Page.Text["settings.token_name"]);
            var made = await tokens.CreateAsync(form["name"], Role(form["role"]), null, cancellation);
            return made.Fault is { } fault
                ? Wrong(fault.Kind == StoreFaultKind.Conflict ? form.Page.Text["settings.token_taken"] : fault.Message)
                : FormOutcome.ShowOnce<PeoplePage>(new Dictionary<string, object?> { [nameof(PeoplePage.Secret)] = made.Value.Secret });
        });
        routes.Form("/settings/tokens/{id}", Access.Own, async (form, cancellation) =>
        {
            var revoked = await tokens.RevokeAsync(form.Route("id"), cancellation);
            return FormOutcome.Done(PageLink.To("settings", "people"), revoked.IsSuccess ? "token_revoked" : null);
        });
    }

    private static async ValueTask<FormOutcome> SetAuditsAsync(SentForm form, RuleAdmin rules, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var draft = new AuditsDraft(form["enabled"], form["every"], form["budget"]);
        var rule = draft.Compose(form.Page.User!.Name);
        var state = ConsoleRules.Read(rule, holder.Current.Config);
        var problems = state.IsShadowed ? [form.Page.Text["upstreams.file_owns"]] : state.Problems;
        if (problems.Count == 0)
        {
            var saved = await rules.SaveAsync(rule, cancellationToken);
            if (saved.IsSuccess)
                return FormOutcome.Done(PageLink.To("settings"), "rule_saved");
            problems = [form.Page.Text["common.database", saved.Fault!.Message]];
        }

        return FormOutcome.Wrong<SettingsPage>(new Dictionary<string, object?> { [nameof(SettingsPage.Audits)] = draft, [nameof(SettingsPage.Problems)] = problems });
    }

    private static FormOutcome Wrong(string problem) => FormOutcome.Wrong<PeoplePage>(new Dictionary<string, object?> { [nameof(PeoplePage.Problem)] = problem });

    private static UserRole Role(string word) => Enum.TryParse<UserRole>(word, ignoreCase: true, out var role) && Enum.IsDefined(role) ? role : UserRole.Viewer;

    private static async ValueTask<UserRecord?> FindAsync(UserAdmin users, string id, CancellationToken cancellationToken)
    {
        var listed = await users.ListAsync(cancellationToken);
        return listed.IsSuccess ? listed.Value.FirstOrDefault(user => user.Id == id) : null;
    }
}
