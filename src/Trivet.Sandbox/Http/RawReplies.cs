using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Scripts;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Http;

/// <summary>Sends a recorded reply byte for byte, in chunks of a given size so that readers meet every split.</summary>
internal static class RawReplies
{
    private static readonly HashSet<string> Hop = new(StringComparer.OrdinalIgnoreCase) { "content-length", "transfer-encoding", "content-encoding", "connection", "date" };

    public static async Task SendAsync(HttpContext http, RawReply raw, Waiting waiting, SandboxLogEntry log)
    {
        http.Response.StatusCode = log.Status = raw.Status;
        foreach (var (name, value) in raw.Headers)
        {
            if (!Hop.Contains(name))
            {
                http.Response.Headers[name] = value;
            }
        }

        var size = raw.ChunkBytes > 0 ? raw.ChunkBytes : Math.Max(1, raw.Body.Length);
        for (var at = 0; at < raw.Body.Length; at += size)
        {
            await waiting.WaitAsync(http, at > 0 ? raw.ChunkDelayMs : 0);
            await http.Response.BodyWriter.WriteAsync(raw.Body.AsMemory(at, Math.Min(size, raw.Body.Length - at)), http.RequestAborted);
            log.Events++;
        }

        log.IsComplete = true;
    }
}
