using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Log;

/// <summary>Fills log entries. Credentials are replaced by a short hash: equal keys can be recognised, none can be read.</summary>
internal static class LogWriter
{
    private static readonly HashSet<string> Secret = new(StringComparer.OrdinalIgnoreCase) { "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization" };

    public static SandboxLogEntry Open(SandboxState state, HttpContext http, string? protocol, string? requestId)
    {
        var request = http.Request;
        var headers = state.Log.IsEnabled ? Headers(request.Headers) : [];
        return state.Log.Open(id => new SandboxLogEntry
        {
            Id = id,
            Time = state.Options.Time.GetUtcNow(),
            Method = request.Method,
            Path = request.Path.Value ?? "",
            Query = Query(request),
            Headers = headers,
            Protocol = protocol,
            RequestId = requestId,
        });
    }

    public static void Answer(SandboxLogEntry log, Reply reply)
    {
        log.Text = reply.Answer.Text();
        log.Reasoning = reply.Answer.Reasoning();
        log.ReasoningShown = string.Concat(reply.Answer.Blocks.Where(b => b is { Kind: BlockKind.Reasoning, IsHidden: false }).Select(b => b.Text));
        log.ToolCalls = [.. reply.Answer.ToolCalls().Select(c => new SandboxToolCall(c.Id, c.Name, c.Text))];
        log.Stop = reply.Answer.RawStop ?? reply.Answer.Stop.ToString();
        log.Usage = reply.Usage;
    }

    /// <summary>Twelve hex digits of the SHA-256 of a credential.</summary>
    public static string Hash(string credential) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(credential)).AsSpan(0, 6));

    private static Dictionary<string, string> Headers(IHeaderDictionary headers)
    {
        var result = new Dictionary<string, string>(headers.Count);
        foreach (var (name, value) in headers)
        {
            var text = value.ToString();
            result[name.ToLowerInvariant()] = !Secret.Contains(name) ? text
                : text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? "Bearer sha256:" + Hash(text[7..])
                : "sha256:" + Hash(text);
        }

        return result;
    }

    private static string Query(HttpRequest request)
    {
        var key = request.Query["key"].ToString();
        var query = request.QueryString.Value ?? "";
        return key.Length == 0 ? query : query.Replace("key=" + Uri.EscapeDataString(key), "key=sha256:" + Hash(key), StringComparison.Ordinal);
    }
}
