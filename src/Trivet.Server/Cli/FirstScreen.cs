using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.WebConsole;

namespace Trivet.Server.Cli;

/// <summary>What a person sees when the gateway has started: where it is, the key once, what it found and where, lines to paste, and what to do next.</summary>
internal static class FirstScreen
{
    private const string KeyVariable = "TRIVET_KEY";

    /// <summary>Prints it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="urls">The addresses that are listened on.</param>
    /// <param name="snapshot">What is served.</param>
    /// <param name="created">The first key, where this start made it; null on later starts.</param>
    /// <param name="welcome">The token that makes the console's first account; null where there is one.</param>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="environment">Looks up environment variables.</param>
    public static void Print(TextWriter output, IEnumerable<string> urls, GatewaySnapshot snapshot, CreatedKey? created, string? welcome, string dataPath, Func<string, string?> environment)
    {
        var address = ConnectVerb.Address(urls.FirstOrDefault() ?? GatewayConfig.DefaultListen);
        var isGiven = created is not null && created.Secret == environment(KeyVariable);
        var key = created is null ? "YOUR_KEY" : isGiven ? "$" + KeyVariable : created.Secret;
        output.WriteLine();
        output.WriteLine($"  Trivet    {string.Join(", ", urls)}");
        output.WriteLine($"  console   {address}{(welcome is null ? ConsoleEndpoints.Path : ConsoleEndpoints.WelcomePath(welcome) + "   (makes the first account, once)")}");
        output.WriteLine($"  key       {KeyLine(created, isGiven)}");
        output.WriteLine($"  config    {snapshot.Config.Source}");
        output.WriteLine($"  data      {dataPath}");
        output.WriteLine();
        WriteUpstreams(output, snapshot, environment);
        output.WriteLine();
        output.WriteLine("  paste");
        var model = snapshot.Models.FirstOrDefault(model => !model.IsDiscoveryAlias)?.Id ?? "sandbox/sandbox-chat";
        output.WriteLine($"""    curl -s {address}/v1/models -H "Authorization: Bearer {key}" """.TrimEnd());
        output.WriteLine($$"""    curl -s {{address}}/v1/chat/completions -H "Authorization: Bearer {{key}}" -H 'Content-Type: application/json' -d '{"model":"{{model}}","messages":[{"role":"user","content":"Hello"}]}'""");
        output.WriteLine($"""    ANTHROPIC_BASE_URL={address} ANTHROPIC_AUTH_TOKEN={key} ANTHROPIC_MODEL={model} claude""");
        output.WriteLine();
        output.WriteLine("  next      trivet connect CLIENT · trivet upstreams check · trivet trace · trivet usage · trivet doctor");
        output.WriteLine();
        output.Flush();
    }

    private static string KeyLine(CreatedKey? created, bool isGiven) =>
        created is null ? "as before; 'trivet keys create NAME' makes another"
        : isGiven ? $"the one in {KeyVariable}"
        : $"{created.Secret}   (shown this once; stored as a hash)";

    private static void WriteUpstreams(TextWriter output, GatewaySnapshot snapshot, Func<string, string?> environment)
    {
        output.WriteLine("  upstreams");
        var table = new TextTable("", "", "", "");
        foreach (var upstream in snapshot.Config.Upstreams)
            table.Add(upstream.Name, upstream.Profile.DisplayName, BuiltIn.Short(upstream.Models), upstream.Enabled ? Origin(upstream, snapshot.Config, environment) : "disabled");
        table.WriteRows(output, "    ");
        if (snapshot.Config.Source.Path is null && snapshot.Config.Upstreams.All(upstream => upstream.Vendor == BuiltInSandbox.Vendor))
            output.WriteLine("    Set a vendor's variable (DEEPSEEK_API_KEY, DASHSCOPE_API_KEY, OPENAI_API_KEY, …) or write a file: trivet config init");
    }

    private static string Origin(UpstreamConfig upstream, GatewayConfig config, Func<string, string?> environment)
    {
        if (upstream.Vendor == BuiltInSandbox.Vendor)
            return "built in: scripted answers, no model";
        if (config.Source.Path is not null)
            return "";
        var profile = upstream.Profile;
        return (profile.KeyVariables.FirstOrDefault(name => environment(name)?.Trim() is { Length: > 0 }) ?? profile.HostVariable) is { } variable ? $"from {variable}" : "";
    }
}
