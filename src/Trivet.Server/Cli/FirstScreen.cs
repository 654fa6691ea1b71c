using Trivet.Core.Keys;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Cli;

/// <summary>What a person sees when the gateway has started: where it is, the key, what it found, and lines to paste.</summary>
internal static class FirstScreen
{
    public static void Print(TextWriter output, IEnumerable<string> urls, GatewaySnapshot snapshot, CreatedKey? created, string dataPath)
    {
        var address = urls.FirstOrDefault() ?? GatewayConfig.DefaultListen;
        var key = created?.Secret ?? "YOUR_KEY";
        output.WriteLine();
        output.WriteLine($"  Trivet is listening on {address}");
        output.WriteLine($"  Configuration: {snapshot.Config.Source}    Data: {dataPath}");
        output.WriteLine(created is null
            ? "  Keys: as before ('trivet keys create NAME' makes another)"
            : $"  First key, shown once: {created.Secret}");
        output.WriteLine();
        output.WriteLine("  Upstreams:");
        foreach (var upstream in snapshot.Config.Upstreams)
            output.WriteLine($"    {upstream.Name,-14} {upstream.Profile.DisplayName}{(upstream.Enabled ? "" : " (disabled)")}: {string.Join(", ", upstream.Models.Take(4))}{(upstream.Models.Count > 4 ? ", …" : "")}");
        output.WriteLine();
        output.WriteLine("  Paste to try it:");
        var model = snapshot.Models.FirstOrDefault(model => !model.IsDiscoveryAlias)?.Id ?? "sandbox/sandbox-chat";
        output.WriteLine($"    curl -s {address}/v1/models -H 'Authorization: Bearer {key}'");
        output.WriteLine($$"""    curl -s {{address}}/v1/chat/completions -H 'Authorization: Bearer {{key}}' -H 'Content-Type: application/json' -d '{"model":"{{model}}","messages":[{"role":"user","content":"Hello"}]}'""");
        output.WriteLine($"    ANTHROPIC_BASE_URL={address} ANTHROPIC_AUTH_TOKEN={key} ANTHROPIC_MODEL={model} claude");
        output.WriteLine();
        output.Flush();
    }
}
