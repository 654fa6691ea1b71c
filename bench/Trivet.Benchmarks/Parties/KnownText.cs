using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Trivet.Benchmarks.Targets;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Benchmarks.Parties;

/// <summary>The sandbox's text of a length, which is always the same: asked for once, without Trivet, so that every answer can be compared to it.</summary>
internal static class KnownText
{
    public static async Task<string> AskAsync(Target sandbox, int tokens)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = sandbox.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "sandbox");
        var protocol = Client.Protocols["chat"];
        using var response = await http.PostAsJsonAsync("/v1/chat/completions", protocol.Make(Talk.Asking("Go on."), $"sandbox-text-{tokens}", stream: false));
        return protocol.ReadWhole((await response.Content.ReadFromJsonAsync<JsonObject>())!).Text;
    }

    /// <summary>What keeps an answer from being the whole text, or null.</summary>
    public static string? Missing(Heard heard, string text)
    {
        if (heard.Text == text)
            return heard.Stop == "end" ? null : $"all of the text, ended by '{heard.Stop}'";
        var common = heard.Text.AsSpan().CommonPrefixLength(text);
        return common == heard.Text.Length
            ? $"a truncated success: {heard.Text.Length} of {text.Length} characters, ended by '{heard.Stop}'"
            : $"another text from character {common} on: '{heard.Text.AsSpan(common, Math.Min(24, heard.Text.Length - common))}' where '{text.AsSpan(common, Math.Min(24, text.Length - common))}' was due";
    }
}
