using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>The tokens of this API.</summary>
internal static class TokenEndpoints
{
    private const string Tag = "Tokens";

    public static void MapTokens(this RouteGroupBuilder api)
    {
        api.MapGet("/tokens", ListAsync).Tells<TokenList>(AdminAccess.Own, Tag, "listTokens", "Every token, revoked ones too, oldest first.");
        api.MapPost("/tokens", CreateAsync).Tells<NewToken>(AdminAccess.Own, Tag, "createToken", "Makes a token. The answer has its secret, and nothing else ever has.").Accepts<TokenOrder>("application/json")
            .Produces<NewToken>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/tokens/{id}", RevokeAsync).Tells<TokenView>(AdminAccess.Own, Tag, "revokeToken", "Refuses a token from now on.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AdminTokenAdmin tokens)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        var listed = await tokens.ListAsync(context.RequestAborted);
        return listed.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new TokenList([.. listed.Value.Select(TokenView.Of)]));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, AdminTokenAdmin tokens, TimeProvider time)
    {
        var (order, problem) = await AdminBody.ReadAsync<TokenOrder>(context);
        if (order is null)
            return problem!;
        if (LimitText.NameProblem("A token", order.Name ?? "") is { } nameless)
            return AdminProblems.Bad(nameless);
        if (order.ExpiresAt <= time.GetUtcNow())
            return AdminProblems.Bad("expires_at is in the past.");
        var made = await tokens.CreateAsync(order.Name!.Trim(), order.Role ?? UserRole.Viewer, order.ExpiresAt?.ToUnixTimeMilliseconds(), context.RequestAborted);
        return made.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Created($"{AdminApi.Root}/tokens/{made.Value.Token.Id}", new NewToken(TokenView.Of(made.Value.Token), made.Value.Secret));
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, AdminTokenAdmin tokens)
    {
        var revoked = await tokens.RevokeAsync(id, context.RequestAborted);
        return revoked.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(TokenView.Of(revoked.Value));
    }
}

/// <summary>Tokens.</summary>
internal sealed record TokenList(IReadOnlyList<TokenView> Tokens);

/// <summary>A token without its secret.</summary>
internal sealed record TokenView(string Id, string Name, UserRole Role, string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    public static TokenView Of(AdminToken token) => new(token.Id, token.Name, token.Role, token.Hint, Times.At(token.CreatedAtMs), Times.At(token.ExpiresAtMs), Times.At(token.RevokedAtMs));
}

/// <summary>A token with its secret, shown this once.</summary>
internal sealed record NewToken(TokenView Token, string Secret);

/// <summary>What is asked for of a new token. Role missing: viewer.</summary>
internal sealed record TokenOrder(string? Name, UserRole? Role = null, DateTimeOffset? ExpiresAt = null);
