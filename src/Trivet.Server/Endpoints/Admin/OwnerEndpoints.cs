using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Keys;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>Organisations, teams and budgets.</summary>
internal static class OwnerEndpoints
{
    private const string Tag = "Organisations";

    public static void MapOwners(this RouteGroupBuilder api)
    {
        api.MapGet("/organisations", ListAsync).Tells<OwnerList>(AdminAccess.Read, Tag, "listOrganisations", "Organisations and their teams.");
        api.MapPatch("/organisations/{organisation}", (HttpContext context, string organisation, OwnerAdmin owners) => ChangeAsync(context, organisation, "", owners))
            .Tells<OwnerView>(AdminAccess.Operate, Tag, "changeOrganisation", "Changes an organisation, or makes it; what the body does not name stays.").Accepts<OwnerPatch>("application/json");
        api.MapPatch("/organisations/{organisation}/teams/{team}", ChangeAsync).Tells<OwnerView>(AdminAccess.Operate, Tag, "changeTeam", "Changes a team, or makes it; what the body does not name stays.").Accepts<OwnerPatch>("application/json");
        api.MapGet("/budgets", BudgetsAsync).Tells<BudgetList>(AdminAccess.Read, Tag, "listBudgets", "What may be spent and how far it is, the fullest first.");
    }

    private static async Task<IResult> ListAsync(HttpContext context, OwnerAdmin owners)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        var listed = await owners.ListAsync(context.RequestAborted);
        return listed.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new OwnerList([.. listed.Value.Select(entry => OwnerView.Of(entry.Owner, entry.KeysActive))]));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, string organisation, string team, OwnerAdmin owners)
    {
        var (patch, problem) = await AdminBody.ReadAsync<OwnerPatch>(context);
        if (patch is null)
            return problem!;
        if ((LimitText.NameProblem("An organisation", organisation) ?? (team.Length > 0 ? LimitText.NameProblem("A team", team) : null)) is { } nameless)
            return AdminProblems.Bad(nameless);
        if (LimitShapes.Problem(patch.Budgets, patch.RequestsPerMinute, patch.TokensPerMinute, patch.ConcurrentMax, zeroIsNone: true) is { } wrong)
            return AdminProblems.Bad(wrong);
        if (team.Length > 0 && (patch.Pricing is not null || patch.MarginMillionths is not null))
            return AdminProblems.Bad("A team is billed as its organisation is: pricing and margin_millionths are the organisation's.");
        if (patch.MarginMillionths is < -OwnerRecord.Million or > 1000 * OwnerRecord.Million)
            return AdminProblems.Bad("margin_millionths is a factor on top of the price: 250000 is a quarter more, -1000000 is the least.");
        var prepaid = "";
        if (patch.PrepaidCurrency is { } currency && !LimitText.TryReadCurrency(currency, out prepaid))
            return AdminProblems.Bad("prepaid_currency is three letters, or empty for credit.");
        var changed = await owners.ChangeAsync(
            organisation, team,
            new OwnerChange
            {
                AllowedModels = patch.Models,
                Budgets = LimitShapes.Read(patch.Budgets),
                RequestsPerMinute = patch.RequestsPerMinute,
                TokensPerMinute = patch.TokensPerMinute,
                ConcurrentMax = patch.ConcurrentMax,
                Pricing = patch.Pricing,
                MarginMillionths = patch.MarginMillionths,
                PrepaidCurrency = patch.PrepaidCurrency is null ? null : prepaid,
            },
            context.RequestAborted);
        return changed.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(OwnerView.Of(changed.Value, null));
    }

    private static async Task<IResult> BudgetsAsync(HttpContext context, BudgetAdmin budgets)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        var listed = await budgets.ListAsync(context.RequestAborted);
        return listed.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new BudgetList([.. listed.Value.Select(BudgetView.Of)]));
    }
}

/// <summary>Organisations and teams.</summary>
internal sealed record OwnerList(IReadOnlyList<OwnerView> Owners);

/// <summary>What is set for an organisation or, with a name in <c>team</c>, for a team of it.</summary>
internal sealed record OwnerView(
    string Organisation, string Team, Pricing? Pricing, long? MarginMillionths, string PrepaidCurrency, IReadOnlyList<BudgetShape> Budgets, int? RequestsPerMinute, int? TokensPerMinute, int? ConcurrentMax,
    IReadOnlyList<string>? Models, int? KeysActive)
{
    public static OwnerView Of(OwnerRecord owner, int? keysActive) => new(
        owner.Organisation, owner.Team, owner.Team.Length > 0 ? null : owner.Pricing, owner.Team.Length > 0 ? null : owner.MarginMillionths, owner.PrepaidCurrency, LimitShapes.Of(owner.Budgets), owner.RequestsPerMinute,
        owner.TokensPerMinute, owner.ConcurrentMax, owner.AllowedModels, keysActive);
}

/// <summary>What is changed. Missing: it stays; a limit of 0 takes it away, as does an empty list of budgets; models of <c>*</c> allow all.</summary>
internal sealed record OwnerPatch(
    Pricing? Pricing = null, long? MarginMillionths = null, string? PrepaidCurrency = null, IReadOnlyList<BudgetShape>? Budgets = null, int? RequestsPerMinute = null, int? TokensPerMinute = null, int? ConcurrentMax = null,
    IReadOnlyList<string>? Models = null);

/// <summary>Budgets.</summary>
internal sealed record BudgetList(IReadOnlyList<BudgetView> Budgets);

/// <summary>A budget in the window of now. What is spent is null while no request has come under it in this window.</summary>
internal sealed record BudgetView(string Organisation, string Team, string KeyId, BudgetShape Budget, long? SpentNano, long HeldNano, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt)
{
    public static BudgetView Of(BudgetState state) => new(
        state.Organisation, state.Team, state.KeyId, new BudgetShape(state.Budget.AmountNano, state.Budget.Currency, state.Budget.Window), state.SpentNano, state.HeldNano,
        state.StartsMs == 0 ? null : Times.At(state.StartsMs), state.EndsMs == 0 ? null : Times.At(state.EndsMs));
}
