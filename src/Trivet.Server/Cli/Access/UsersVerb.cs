using System.CommandLine;
using System.Text.Json;
using Trivet.Core.Users;
using Trivet.WebConsole;

namespace Trivet.Server.Cli.Access;

/// <summary><c>trivet users list|link</c>: the console's accounts, for whoever has the data directory.</summary>
internal static class UsersVerb
{
    public static Command Build() => new("users", "List the console's accounts, and make links that open one") { List(), Link() };

    private static Command List()
    {
        var command = new Command("list", "List accounts") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var users = await new UserAdmin(database.Users, context.Time).ListAsync(stopping);
                    if (users.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        JsonOutput.Write(context.Output, writer => WriteJson(writer, users.Value));
                    else
                        WriteText(context.Output, users.Value);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Link()
    {
        var name = new Argument<string?>("NAME") { Description = "Whose password the link sets anew; without it the link makes an account", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var role = new Option<string>("--role") { Description = "Of the account that it makes", DefaultValueFactory = _ => "owner" };
        role.AcceptOnlyFromAmong("viewer", "accountant", "operator", "owner");
        var command = new Command("link", "Make a one-time link, good for a day") { name, role, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var admin = new UserAdmin(database.Users, context.Time);
                    UserRecord? user = null;
                    if (result.GetValue(name) is { } wanted)
                    {
                        var found = await database.Users.FindAsync(wanted, stopping);
                        if (found.Fault is { } findFault)
                            return context.No(findFault);
                        user = found.Value;
                    }

                    var created = await admin.InviteAsync(Enum.Parse<UserRole>(result.GetRequiredValue(role), ignoreCase: true), user, stopping);
                    if (created.Fault is { } fault)
                        return context.No(fault);
                    if (!context.TryReadConfig(out var config, needsSecrets: false))
                        return Exit.Wrong;
                    var link = ConnectVerb.Address(context.Options.ListenAddress(config)) + ConsoleEndpoints.WelcomePath(created.Value.Token);
                    if (context.Json)
                        JsonOutput.Write(context.Output, writer => WriteLink(writer, link, created.Value.Invite.ExpiresAtMs));
                    else
                        context.Output.WriteLine(link);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static void WriteText(TextWriter output, IReadOnlyList<UserRecord> users)
    {
        var table = new TextTable("name", "role", "since", "");
        foreach (var user in users)
            table.Add(user.Name, user.Role.ToString().ToLowerInvariant(), $"{DateTimeOffset.FromUnixTimeMilliseconds(user.CreatedAtMs):yyyy-MM-dd}", user.DisabledAtMs is null ? "" : "disabled");
        table.Write(output);
    }

    private static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<UserRecord> users)
    {
        writer.WriteStartArray();
        foreach (var user in users)
        {
            writer.WriteStartObject();
            writer.WriteString("id", user.Id);
            writer.WriteString("name", user.Name);
            writer.WriteString("role", user.Role.ToString().ToLowerInvariant());
            writer.WriteNumber("created_at_ms", user.CreatedAtMs);
            writer.WriteBoolean("is_disabled", user.DisabledAtMs is not null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLink(Utf8JsonWriter writer, string link, long expiresAtMs)
    {
        writer.WriteStartObject();
        writer.WriteString("link", link);
        writer.WriteNumber("expires_at_ms", expiresAtMs);
        writer.WriteEndObject();
    }
}
