using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.Server.Cli.Access;

/// <summary><c>trivet admin-tokens create|list|revoke</c>: what opens the admin API for programs.</summary>
internal static class AdminTokensVerb
{
    public static Command Build() => new("admin-tokens", "Create, list and revoke what opens the admin API for programs") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A name for people" }.RefusingOptions();
        var role = new Option<string>("--role") { Description = "What its holder may do: viewers read; accountants read and book money; operators read and run keys and limits; owners do everything", DefaultValueFactory = _ => "viewer" };
        role.AcceptOnlyFromAmong("viewer", "accountant", "operator", "owner");
        var expires = new Option<string?>("--expires") { Description = "When it ends: 30d, 2026-12-31 or an RFC 3339 time (default: never)", HelpName = "TIME" };
        var command = new Command("create", "Make a token and show it once") { name, role, expires, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            long? expiresAtMs = null;
            if (result.GetValue(expires) is { } expiry)
            {
                if (!TimeText.TryParseUntil(expiry, context.Time.GetUtcNow(), out var until) || until <= context.Time.GetUtcNow())
                    return context.Wrong($"--expires {expiry}: write a time to come: {TimeText.Forms}.");
                expiresAtMs = until.ToUnixTimeMilliseconds();
            }

            var named = result.GetRequiredValue(name).Trim();
            if (LimitText.NameProblem("A token", named) is { } problem)
                return context.Wrong(problem);
            return await context.WithDatabaseAsync(
                async database =>
                {
                    var made = await new AdminTokenAdmin(database.AdminTokens, context.Time).CreateAsync(named, Enum.Parse<UserRole>(result.GetRequiredValue(role), ignoreCase: true), expiresAtMs, stopping);
                    if (made.Fault is { } fault)
                        return context.No(fault.Kind == StoreFaultKind.Conflict ? $"There is a token named {named} already. Choose another name, or revoke that one first: trivet admin-tokens revoke {named}" : fault.Message);
                    if (context.Json)
                    {
                        return JsonOutput.Write(context.Output, json =>
                        {
                            json.WriteStartObject();
                            json.WriteString("id", made.Value.Token.Id);
                            json.WriteString("token", made.Value.Secret);
                            json.WriteEndObject();
                        });
                    }

                    context.Output.WriteLine(made.Value.Secret);
                    context.Error.WriteLine($"Token {named} ({made.Value.Token.Id}) for {result.GetRequiredValue(role)}s. It is shown this once and stored only as a hash. Send it as 'Authorization: Bearer TOKEN' to /admin/v1.");
                    return Exit.Done;
                },
                mayCreate: true, stopping);
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List tokens, revoked ones too") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var listed = await new AdminTokenAdmin(database.AdminTokens, context.Time).ListAsync(stopping);
                    if (listed.Fault is { } fault)
                        return context.No(fault);
                    var nowMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => Write(json, listed.Value, nowMs));
                    var table = new TextTable("ID", "NAME", "ROLE", "TOKEN", "STATE");
                    foreach (var token in listed.Value)
                        table.Add(token.Id, token.Name, token.Role.ToString().ToLowerInvariant(), "…" + token.Hint, State(token, nowMs) + Expiry(token));
                    table.Write(context.Output);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Revoke()
    {
        var which = new Argument<string>("TOKEN") { Description = "Its id or its name" }.RefusingOptions();
        var command = new Command("revoke", "Refuse a token from now on") { which };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var revoked = await new AdminTokenAdmin(database.AdminTokens, context.Time).RevokeAsync(result.GetRequiredValue(which), stopping);
                    if (revoked.Fault is { } fault)
                        return context.No(fault);
                    context.Output.WriteLine($"Revoked {revoked.Value.Name} ({revoked.Value.Id}).");
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static string State(AdminToken token, long nowMs) => token.RevokedAtMs is not null ? "revoked" : token.ExpiresAtMs <= nowMs ? "expired" : "active";

    private static string Expiry(AdminToken token) => token is { RevokedAtMs: null, ExpiresAtMs: { } ms }
        ? $" until {DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}"
        : "";

    private static void Write(System.Text.Json.Utf8JsonWriter json, IReadOnlyList<AdminToken> tokens, long nowMs)
    {
        json.WriteStartObject();
        json.WriteStartArray("tokens");
        foreach (var token in tokens)
        {
            json.WriteStartObject();
            json.WriteString("id", token.Id);
            json.WriteString("name", token.Name);
            json.WriteString("role", token.Role.ToString().ToLowerInvariant());
            json.WriteString("hint", token.Hint);
            json.WriteString("state", State(token, nowMs));
            json.WriteNumber("created_at_ms", token.CreatedAtMs);
            json.WriteNumberOrNull("expires_at_ms", token.ExpiresAtMs);
            json.WriteNumberOrNull("revoked_at_ms", token.RevokedAtMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
