using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.WebConsole.Components.Forms;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Keys;

/// <summary>Keys, teams and organisations: who may ask, for what, for how much.</summary>
internal static class KeyPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (keys, owners, snapshots) = (services.GetRequiredService<KeyAdmin>(), services.GetRequiredService<OwnerAdmin>(), services.GetRequiredService<SnapshotHolder>());
        routes.Page<KeysPage>("/keys");
        routes.Page<NewKeyPage>("/keys/new");
        routes.Form("/keys/new", Access.Operate, (form, cancellation) => CreateAsync(form, keys, snapshots, cancellation));
        routes.Page<KeyPage>("/keys/{id}");
        routes.Form("/keys/{id}/limits", Access.Operate, (form, cancellation) => LimitAsync(form, keys, snapshots, cancellation));
        routes.Form("/keys/{id}/rotate", Access.Operate, (form, cancellation) => RotateAsync(form, keys, cancellation));
        routes.Form("/keys/{id}/revoke", Access.Operate, (form, cancellation) => RevokeAsync(form, keys, cancellation));
        routes.Page<OwnerPage>("/owners/{organisation}");
        routes.Page<OwnerPage>("/owners/{organisation}/{team}");
        routes.Form("/owners/{organisation}", Access.Operate, (form, cancellation) => SetOwnerAsync(form, owners, cancellation));
        routes.Form("/owners/{organisation}/{team}", Access.Operate, (form, cancellation) => SetOwnerAsync(form, owners, cancellation));
    }

    private static async ValueTask<FormOutcome> CreateAsync(SentForm form, KeyAdmin keys, SnapshotHolder snapshots, CancellationToken cancellationToken)
    {
        var (limits, problems) = LimitFields.Read(form);
        if (LimitText.NameProblem("A key", form["name"]) is not null)
            problems["name"] = form.Page.Text["keys.name_wrong"];
        CheckPolicy(form, snapshots, problems);
        long? expiresAtMs = null;
        if (form["expires"].Length > 0)
        {
            if (TimeText.TryParseUntil(form["expires"], form.Page.Text.Now, out var until) && until > form.Page.Text.Now)
                expiresAtMs = until.ToUnixTimeMilliseconds();
            else
                problems["expires"] = form.Page.Text["keys.expires_wrong"];
        }

        if (problems.Count > 0)
            return Wrong();
        var created = await keys.CreateAsync(
            new KeyRequest
            {
                Name = form["name"],
                Organisation = form["organisation"].Length > 0 ? form["organisation"] : KeyRecord.DefaultOrganisation,
                Team = form["team"],
                AllowedModels = limits.AllowedModels == LimitChange.AllModels ? null : limits.AllowedModels,
                Budgets = limits.Budgets ?? [],
                RequestsPerMinute = Some(limits.RequestsPerMinute),
                TokensPerMinute = Some(limits.TokensPerMinute),
                ConcurrentMax = Some(limits.ConcurrentMax),
                Policy = form["policy"],
                ExpiresAtMs = expiresAtMs,
                LogsPayloads = Recorded(form),
                By = form.Page.User!.Name,
            },
            cancellationToken);
        if (created.Fault is { } fault)
        {
            problems["name"] = fault.Kind == StoreFaultKind.Conflict ? form.Page.Text["keys.name_taken"] : fault.Message;
            return Wrong();
        }

        return Shown(created.Value);

        FormOutcome Wrong() => FormOutcome.Wrong<NewKeyPage>(new Dictionary<string, object?> { [nameof(NewKeyPage.Typed)] = Typed(form), [nameof(NewKeyPage.Problems)] = problems });
    }

    private static async ValueTask<FormOutcome> LimitAsync(SentForm form, KeyAdmin keys, SnapshotHolder snapshots, CancellationToken cancellationToken)
    {
        var (limits, problems) = LimitFields.Read(form);
        if (await FindAsync(form, keys, cancellationToken) is not { } key)
            return FormOutcome.Done(PageLink.To("keys"));
        CheckPolicy(form, snapshots, problems);
        if (problems.Count == 0)
        {
            var changed = await keys.ChangeAsync(
                key.Id, key.Organisation,
                new KeyChange { Budgets = limits.Budgets, AllowedModels = limits.AllowedModels, RequestsPerMinute = limits.RequestsPerMinute, TokensPerMinute = limits.TokensPerMinute, ConcurrentMax = limits.ConcurrentMax, Team = form["team"], Policy = form["policy"], LogsPayloads = Recorded(form), By = form.Page.User!.Name },
                cancellationToken);
            if (changed.IsSuccess)
                return FormOutcome.Done(PageLink.To("keys", key.Id), "key_saved");
            problems["budgets"] = changed.Fault!.Message;
        }

        return FormOutcome.Wrong<KeyPage>(new Dictionary<string, object?> { [nameof(KeyPage.Id)] = key.Id, [nameof(KeyPage.Typed)] = Typed(form), [nameof(KeyPage.Problems)] = problems });
    }

    private static async ValueTask<FormOutcome> RotateAsync(SentForm form, KeyAdmin keys, CancellationToken cancellationToken)
    {
        if (await FindAsync(form, keys, cancellationToken) is not { } key)
            return FormOutcome.Done(PageLink.To("keys"));
        if (!KeyGrace.TryRead(form["keep_old"], form.Page.Text.Now, out var oldUntilMs, out var problem))
            return FormOutcome.Wrong<KeyPage>(new Dictionary<string, object?> { [nameof(KeyPage.Id)] = key.Id, [nameof(KeyPage.Problems)] = new Dictionary<string, string> { ["keep_old"] = problem } });
        var rotated = await keys.RotateAsync(key.Id, key.Organisation, oldUntilMs, form.Page.User!.Name, cancellationToken);
        return rotated.IsSuccess ? Shown(rotated.Value) : FormOutcome.Done(PageLink.To("keys", key.Id));
    }

    private static async ValueTask<FormOutcome> RevokeAsync(SentForm form, KeyAdmin keys, CancellationToken cancellationToken)
    {
        if (await FindAsync(form, keys, cancellationToken) is not { } key)
            return FormOutcome.Done(PageLink.To("keys"));
        var revoked = await keys.RevokeAsync(key.Id, key.Organisation, form.Page.User!.Name, cancellationToken);
        return FormOutcome.Done(PageLink.To("keys", key.Id), revoked.IsSuccess ? "key_revoked" : null);
    }

    private static async ValueTask<FormOutcome> SetOwnerAsync(SentForm form, OwnerAdmin owners, CancellationToken cancellationToken)
    {
        var (organisation, team) = (Slashed(form.Route("organisation")), Slashed(form.Route("team")));
        var (limits, problems) = LimitFields.Read(form);
        if (!LimitText.TryReadCurrency(form["prepaid"], out var prepaid))
            problems["prepaid"] = form.Page.Text["keys.currency_wrong"];
        long? margin = null;
        Pricing? pricing = null;
        if (team.Length == 0)
        {
            if (!LimitText.TryReadMargin(form["margin"], out var millionths))
                problems["margin"] = form.Page.Text["keys.margin_wrong"];
            margin = millionths;
            pricing = Enum.TryParse<Pricing>(form["pricing"], ignoreCase: true, out var chosen) && Enum.IsDefined(chosen) ? chosen : null;
        }

        if (problems.Count == 0)
        {
            var changed = await owners.ChangeAsync(
                organisation, team,
                new OwnerChange
                {
                    Budgets = limits.Budgets,
                    AllowedModels = limits.AllowedModels,
                    RequestsPerMinute = limits.RequestsPerMinute,
                    TokensPerMinute = limits.TokensPerMinute,
                    ConcurrentMax = limits.ConcurrentMax,
                    PrepaidCurrency = prepaid,
                    MarginMillionths = margin,
                    Pricing = pricing,
                },
                cancellationToken);
            if (changed.IsSuccess)
                return FormOutcome.Done(team.Length == 0 ? PageLink.To("owners", organisation) : PageLink.To("owners", organisation, team), "key_saved");
            problems["budgets"] = changed.Fault!.Message;
        }

        return FormOutcome.Wrong<OwnerPage>(new Dictionary<string, object?> { [nameof(OwnerPage.Organisation)] = organisation, [nameof(OwnerPage.Team)] = team, [nameof(OwnerPage.Typed)] = Typed(form), [nameof(OwnerPage.Problems)] = problems });
    }

    private static FormOutcome Shown(CreatedKey created) => FormOutcome.ShowOnce<SecretPage>(new Dictionary<string, object?> { [nameof(SecretPage.Key)] = created.Record, [nameof(SecretPage.Secret)] = created.Secret });

    private static async ValueTask<KeyRecord?> FindAsync(SentForm form, KeyAdmin keys, CancellationToken cancellationToken)
    {
        var listed = await keys.ListAsync(cancellationToken);
        return listed.IsSuccess ? listed.Value.FirstOrDefault(key => key.Id == form.Route("id") && (!key.IsAdmin || form.Page.May(Access.Own))) : null; // an admin's key opens the admin API as an owner
    }

    private static void CheckPolicy(SentForm form, SnapshotHolder snapshots, Dictionary<string, string> problems)
    {
        var known = snapshots.Current.Policies;
        if (form["policy"].Length > 0 && !known.ContainsKey(form["policy"]))
            problems["policy"] = form.Page.Text["keys.policy_wrong", string.Join(", ", known.Keys.Order(StringComparer.Ordinal))];
    }

    /// <summary>The policies that a key may have, that of each route first; one that is gone since stays in the list of the key that has it.</summary>
    internal static IReadOnlyList<FieldOption> Policies(ConsoleText text, GatewaySnapshot snapshot, string? has) =>
    [
        new("", text["keys.policy_of_route"]),
        .. snapshot.Policies.Keys.Append(has ?? "").Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => new FieldOption(name, name)),
    ];

    private static Dictionary<string, string> Typed(SentForm form) => form.Fields.ToDictionary(field => field.Key, field => field.Value.ToString());

    /// <summary>The host leaves a slash within a part of a path escaped, so that the parts stay apart.</summary>
    internal static string Slashed(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    // A box that is not ticked is not sent.
    private static bool Recorded(SentForm form) => form[RecordedBox.Name].Length > 0;

    private static int? Some(int? limit) => limit is > 0 ? limit : null;
}

/// <summary>The fields of limits that keys, teams and organisations share.</summary>
internal static class LimitFields
{
    /// <summary>Reads all of them: what is empty is no limit. Problems go by field.</summary>
    public static (KeyChange Limits, Dictionary<string, string> Problems) Read(SentForm form)
    {
        var text = form.Page.Text;
        var problems = new Dictionary<string, string>();
        if (!LimitText.TryReadBudgets(form["budgets"], out var budgets))
            problems["budgets"] = text["keys.budgets_wrong"];
        var limits = new KeyChange
        {
            Budgets = budgets,
            AllowedModels = form["models"].Length == 0 ? LimitChange.AllModels : LimitText.ReadModels(form["models"]),
            RequestsPerMinute = Number("rpm"),
            TokensPerMinute = Number("tpm"),
            ConcurrentMax = Number("concurrent"),
        };
        return (limits, problems);

        int Number(string name)
        {
            if (LimitText.TryReadLimit(form[name], out var limit))
                return limit.Value;
            problems[name] = text["keys.number_wrong"];
            return 0;
        }
    }

    /// <summary>What stands in the fields before anything was typed.</summary>
    public static Dictionary<string, string> Of(IReadOnlyList<Budget> budgets, IReadOnlyList<string>? models, int? requests, int? tokens, int? concurrent) => new()
    {
        ["budgets"] = Budget.Join(budgets),
        ["models"] = models is null ? "" : string.Join(", ", models),
        ["rpm"] = Text(requests),
        ["tpm"] = Text(tokens),
        ["concurrent"] = Text(concurrent),
    };

    /// <summary>How a key stands: tone and word.</summary>
    public static (string Tone, string Word) State(ConsoleText text, KeyRecord key) =>
        key.RevokedAtMs is not null ? ("bad", text["keys.revoked"]) : key.ExpiresAtMs <= text.Now.ToUnixTimeMilliseconds() ? ("warn", text["keys.expired"]) : ("good", text["keys.active"]);

    private static string Text(int? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "";
}
