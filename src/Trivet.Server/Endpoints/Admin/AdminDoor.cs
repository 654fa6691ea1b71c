using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Users;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>What every request to the admin API passes: whose token it is and whether they may. An admin's key (the first one, <c>TRIVET_KEY</c>) opens it too, as an owner.</summary>
internal sealed class AdminDoor(AdminTokenAdmin tokens, KeySnapshotHolder keys, TimeProvider time)
{
    private const string Bearer = "Bearer ";

    public async ValueTask<object?> PassAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        context.Response.Headers.CacheControl = "no-store";
        var caller = await FindAsync(context);
        if (caller.Fault is { } fault)
            return AdminProblems.Of(fault);
        if (caller.Value is not { } found)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return AdminProblems.Of(StatusCodes.Status401Unauthorized, "Send an admin token as 'Authorization: Bearer TOKEN'; 'trivet admin-tokens create NAME' makes one.");
        }

        var access = context.GetEndpoint()?.Metadata.GetMetadata<AccessMark>()?.Access ?? AdminAccess.Own;
        if (!found.May(access))
            return AdminProblems.Of(StatusCodes.Status403Forbidden, $"{found.Role.ToString().ToLowerInvariant()}s may not do this.");
        context.Features.Set(found);
        return await next(invocation);
    }

    private async ValueTask<StoreOutcome<AdminCaller?>> FindAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return (AdminCaller?)null;
        var secret = header[Bearer.Length..].Trim();
        if (!secret.StartsWith(AdminTokenAdmin.SecretPrefix, StringComparison.Ordinal))
        {
            return keys.Current.Authenticate(secret.AsSpan(), time.GetUtcNow().ToUnixTimeMilliseconds(), out var key) == KeyVerdict.Accepted && key!.IsAdmin
                ? new AdminCaller(key.Name, UserRole.Owner)
                : (AdminCaller?)null;
        }

        var token = await tokens.AuthenticateAsync(secret, context.RequestAborted);
        return token.Fault is { } fault ? fault : token.Value is { } known ? new AdminCaller(known.Name, known.Role) : (AdminCaller?)null;
    }
}

/// <summary>Who may ask for an endpoint.</summary>
internal sealed record AccessMark(AdminAccess Access);
