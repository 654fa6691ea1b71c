using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.Core.Users;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>Keys: who may ask.</summary>
internal static class KeyEndpoints
{
    private const string Tag = "Keys";

    public static void MapKeys(this RouteGroupBuilder api)
    {
        api.MapGet("/keys", ListAsync).Tells<KeyList>(AdminAccess.Read, Tag, "listKeys", "Every key, revoked ones too, oldest first.", ("org", "Of one organisation."), ("team", "Of one team."));
        api.MapPost("/keys", CreateAsync).Tells<NewKey>(AdminAccess.Operate, Tag, "createKey", "Makes a key. The answer has its secret, and nothing else ever has.").Accepts<KeyOrder>("application/json")
            .Produces<NewKey>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPatch("/keys/{id}", ChangeAsync).Tells<KeyView>(AdminAccess.Operate, Tag, "changeKey", "Changes what a key may do; what the body does not name stays.").Accepts<KeyPatch>("application/json").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/keys/{id}/rotate", RotateAsync).Tells<NewKey>(AdminAccess.Operate, Tag, "rotateKey", "Gives a key a new secret; the old one is refused within a second, or works until keep_old. Limits and books stay.", ("keep_old", "How long the old secret works too: 24h, 7d or a time; 90 days at most.")).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/keys/{id}", RevokeAsync).Tells<KeyView>(AdminAccess.Operate, Tag, "revokeKey", "Refuses a key from now on.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext context, KeyAdmin keys, TimeProvider time)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        var listed = await keys.ListAsync(context.RequestAborted);
        if (listed.Fault is { } fault)
            return AdminProblems.Of(fault);
        var (organisation, team) = (context.Request.Query["org"].ToString(), context.Request.Query["team"].ToString());
        return TypedResults.Ok(new KeyList(
            [.. listed.Value.Where(key => (organisation.Length == 0 || key.Organisation == organisation) && (team.Length == 0 || key.Team == team)).Select(key => KeyView.Of(key, time.GetUtcNow()))]));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, KeyAdmin keys, SnapshotHolder snapshots, TimeProvider time)
    {
        var (order, problem) = await AdminBody.ReadAsync<KeyOrder>(context);
        if (order is null)
            return problem!;
        if (LimitText.NameProblem("A key", order.Name ?? "") is { } nameless)
            return AdminProblems.Bad(nameless);
        if (order.Organisation is not null && LimitText.NameProblem("An organisation", order.Organisation) is { } ownerless)
            return AdminProblems.Bad(ownerless);
        if (LimitShapes.Problem(order.Budgets, order.RequestsPerMinute, order.TokensPerMinute, order.ConcurrentMax, zeroIsNone: false) is { } wrong)
            return AdminProblems.Bad(wrong);
        if (order.ExpiresAt <= time.GetUtcNow())
            return AdminProblems.Bad("expires_at is in the past.");
        if (PolicyProblem(order.Policy, snapshots) is { } unknown)
            return AdminProblems.Bad(unknown);
        var request = new KeyRequest
        {
            Name = order.Name!.Trim(),
            Organisation = order.Organisation?.Trim() ?? KeyRecord.DefaultOrganisation,
            Team = order.Team?.Trim() ?? "",
            AllowedModels = order.Models,
            Budgets = LimitShapes.Read(order.Budgets) ?? [],
            RequestsPerMinute = order.RequestsPerMinute,
            TokensPerMinute = order.TokensPerMinute,
            ConcurrentMax = order.ConcurrentMax,
            Policy = order.Policy ?? "",
            LogsPayloads = order.LogsPayloads ?? false,
            By = Caller(context),
            ExpiresAtMs = order.ExpiresAt?.ToUnixTimeMilliseconds(),
        };
        var made = await keys.CreateAsync(request, context.RequestAborted);
        if (made.Fault is { } fault)
            return fault.Kind == StoreFaultKind.Conflict ? AdminProblems.Of(StatusCodes.Status409Conflict, $"Organisation {request.Organisation} has a key named {request.Name} already.") : AdminProblems.Of(fault);
        return TypedResults.Created($"{AdminApi.Root}/keys/{made.Value.Record.Id}", new NewKey(KeyView.Of(made.Value.Record, time.GetUtcNow()), made.Value.Secret));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, string id, KeyAdmin keys, SnapshotHolder snapshots, TimeProvider time)
    {
        var (patch, problem) = await AdminBody.ReadAsync<KeyPatch>(context);
        if (patch is null)
            return problem!;
        if (patch.Name is not null && LimitText.NameProblem("A key", patch.Name) is { } nameless)
            return AdminProblems.Bad(nameless);
        if (LimitShapes.Problem(patch.Budgets, patch.RequestsPerMinute, patch.TokensPerMinute, patch.ConcurrentMax, zeroIsNone: true) is { } wrong)
            return AdminProblems.Bad(wrong);
        if (PolicyProblem(patch.Policy, snapshots) is { } unknown)
            return AdminProblems.Bad(unknown);
        var change = new KeyChange
        {
            Name = patch.Name?.Trim(),
            Team = patch.Team?.Trim(),
            AllowedModels = patch.Models,
            Budgets = LimitShapes.Read(patch.Budgets),
            RequestsPerMinute = patch.RequestsPerMinute,
            TokensPerMinute = patch.TokensPerMinute,
            ConcurrentMax = patch.ConcurrentMax,
            Policy = patch.Policy,
            LogsPayloads = patch.LogsPayloads,
            By = Caller(context),
            ExpiresAtMs = patch.NeverExpires == true ? 0 : patch.ExpiresAt?.ToUnixTimeMilliseconds(),
        };
        return await WithKeyAsync(context, id, keys, async key => Shown(await keys.ChangeAsync(key.Id, key.Organisation, change, context.RequestAborted), time));
    }

    private static async Task<IResult> RotateAsync(HttpContext context, string id, KeyAdmin keys, TimeProvider time)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        if (!KeyGrace.TryRead(context.Request.Query["keep_old"], time.GetUtcNow(), out var oldUntilMs, out var problem))
            return AdminProblems.Bad($"keep_old: {problem}.");
        return await WithKeyAsync(context, id, keys, async key =>
        {
            var rotated = await keys.RotateAsync(key.Id, key.Organisation, oldUntilMs, Caller(context), context.RequestAborted);
            return rotated.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new NewKey(KeyView.Of(rotated.Value.Record, time.GetUtcNow()), rotated.Value.Secret));
        });
    }

    private static Task<IResult> RevokeAsync(HttpContext context, string id, KeyAdmin keys, TimeProvider time) =>
        WithKeyAsync(context, id, keys, async key => Shown(await keys.RevokeAsync(key.Id, key.Organisation, Caller(context), context.RequestAborted), time));

    private static string Caller(HttpContext context) => context.Features.Get<AdminCaller>()!.Name;

    private static string? PolicyProblem(string? policy, SnapshotHolder snapshots) =>
        policy is { Length: > 0 } && snapshots.Current.PolicyProblem(policy) is { } problem ? $"policy: {problem}" : null;

    // Here keys go by their ids alone, which are unique; the store wants the organisation too.
    private static async Task<IResult> WithKeyAsync(HttpContext context, string id, KeyAdmin keys, Func<KeyRecord, Task<IResult>> act)
    {
        var listed = await keys.ListAsync(context.RequestAborted);
        if (listed.Fault is { } fault)
            return AdminProblems.Of(fault);
        if (listed.Value.FirstOrDefault(key => key.Id == id) is not { } found)
            return AdminProblems.Of(StatusCodes.Status404NotFound, $"There is no key {id}.");

        // It opens this API as an owner: whoever could rotate it would be one.
        if (found.IsAdmin && context.Features.Get<AdminCaller>() is not { Role: UserRole.Owner })
            return AdminProblems.Of(StatusCodes.Status403Forbidden, "An admin's key is for owners to change.");
        return await act(found);
    }

    private static IResult Shown(StoreOutcome<KeyRecord> outcome, TimeProvider time) => outcome.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(KeyView.Of(outcome.Value, time.GetUtcNow()));
}

/// <summary>Keys.</summary>
internal sealed record KeyList(IReadOnlyList<KeyView> Keys);

/// <summary>A key without its secret. <c>logs_payloads</c> is the key's own flag: those that <c>payload_logging</c> of the configuration names are recorded too.</summary>
internal sealed record KeyView(
    string Id, string Name, string Organisation, string Team, string Hint, string State, IReadOnlyList<string>? Models, IReadOnlyList<BudgetShape> Budgets, int? RequestsPerMinute, int? TokensPerMinute, int? ConcurrentMax,
    string? Policy, bool LogsPayloads, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? OldSecretUntil, bool Admin)
{
    public static KeyView Of(KeyRecord key, DateTimeOffset now) => new(
        key.Id, key.Name, key.Organisation, key.Team, key.Hint, key.RevokedAtMs is not null ? "revoked" : key.ExpiresAtMs <= now.ToUnixTimeMilliseconds() ? "expired" : "active", key.AllowedModels,
        LimitShapes.Of(key.Budgets), key.RequestsPerMinute, key.TokensPerMinute, key.ConcurrentMax, key.Policy.Length == 0 ? null : key.Policy, key.LogsPayloads, Times.At(key.CreatedAtMs), Times.At(key.ExpiresAtMs), Times.At(key.RevokedAtMs), Times.At(key.OldUntilMs), key.IsAdmin);
}

/// <summary>A key with its secret, shown this once.</summary>
internal sealed record NewKey(KeyView Key, string Secret);

/// <summary>What is asked for of a new key. Missing: no limit; models missing: all; policy missing: that of each request's route; logs_payloads missing: nothing that is said is recorded.</summary>
internal sealed record KeyOrder(
    string? Name, string? Organisation = null, string? Team = null, IReadOnlyList<string>? Models = null, IReadOnlyList<BudgetShape>? Budgets = null, int? RequestsPerMinute = null, int? TokensPerMinute = null,
    int? ConcurrentMax = null, string? Policy = null, DateTimeOffset? ExpiresAt = null, bool? LogsPayloads = null);

/// <summary>What is changed of a key. Missing: it stays; a limit of 0 takes it away, as does an empty list of budgets; models of <c>*</c> allow all; an empty policy takes it away.</summary>
internal sealed record KeyPatch(
    string? Name = null, string? Team = null, IReadOnlyList<string>? Models = null, IReadOnlyList<BudgetShape>? Budgets = null, int? RequestsPerMinute = null, int? TokensPerMinute = null, int? ConcurrentMax = null,
    string? Policy = null, DateTimeOffset? ExpiresAt = null, bool? NeverExpires = null, bool? LogsPayloads = null);
