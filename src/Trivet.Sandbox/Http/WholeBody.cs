using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Http;

/// <summary>Sends an unstreamed answer, with the faults that a body can have. Faults by token count strike in its middle.</summary>
internal static class WholeBody
{
    public static async Task SendAsync(HttpContext http, Staging staging, Waiting waiting, SandboxLogEntry log, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Json.Writer))
        {
            write(json);
        }

        var body = staging.TruncatedJson ? buffer.WrittenMemory[..(buffer.WrittenCount * 2 / 3)] : buffer.WrittenMemory;
        http.Response.ContentType = staging.ContentType ?? "application/json";
        http.Response.ContentLength = body.Length;
        log.Status = http.Response.StatusCode;
        if (staging.Applied.Count > 0)
        {
            await StageAsync(http, staging, waiting, log, body);
        }
        else
        {
            await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
        }

        log.IsComplete = true;
    }

    /// <summary>Bodies that are no answer at all: a proxy's HTML page, a vendor's business error, nothing.</summary>
    public static async Task SendInsteadAsync(HttpContext http, Staging staging, SandboxLogEntry log, Reply reply)
    {
        var (type, text) = staging switch
        {
            { Html: true } => ("text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><p>sandbox</p></body></html>"),
            { BaseRespCode: { } code } => ("application/json; charset=utf-8",
                $$$"""{"id":"{{{reply.IdSuffix}}}","choices":null,"created":{{{reply.Created.ToUnixTimeSeconds()}}},"model":"{{{JsonEncodedText.Encode(reply.Model)}}}","object":"","usage":null,"base_resp":{"status_code":{{{code}}},"status_msg":"{{{BaseRespMessage(code)}}}"}}"""),
            _ => (reply.Ask.Stream ? "text/event-stream; charset=utf-8" : "application/json", ""),
        };
        http.Response.ContentType = type;
        log.Status = http.Response.StatusCode;
        await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted);
        log.IsComplete = true;
    }

    private static async Task StageAsync(HttpContext http, Staging staging, Waiting waiting, SandboxLogEntry log, ReadOnlyMemory<byte> body)
    {
        var writer = http.Response.BodyWriter;
        var outputTokens = log.Usage?.OutputTotal ?? 0;
        var delayMs = staging.FirstTokenMs + (staging.TokensPerSecond > 0 ? (int)(1000 * outputTokens / staging.TokensPerSecond) : 0);
        if (delayMs > 0)
        {
            await writer.FlushAsync(http.RequestAborted);
            await waiting.WaitAsync(http, delayMs);
        }

        if (staging.CutAfterTokens is null && staging.StallAfterTokens is null)
        {
            await writer.WriteAsync(body, http.RequestAborted);
            return;
        }

        await writer.WriteAsync(body[..(body.Length / 2)], http.RequestAborted);
        if (staging.StallAfterTokens is not null)
        {
            await waiting.WaitAsync(http, staging.StallMs);
        }

        if (staging.CutAfterTokens is not null)
        {
            throw new StagedEnd(isCut: true);
        }

        await writer.WriteAsync(body[(body.Length / 2)..], http.RequestAborted);
    }

    private static string BaseRespMessage(int code) => code switch
    {
        1002 => "rate limit",
        1004 => "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
        1008 => "insufficient balance",
        1039 => "token limit",
        2013 => "invalid params",
        _ => "unknown error",
    };
}
