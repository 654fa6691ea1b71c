using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Benchmarks.Vendor;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>
/// The baseline of translation: request, answer and every stream event are parsed and written again, with pooled buffers and
/// <see cref="Utf8JsonWriter"/>. For a Messages request of a model whose upstream speaks Chat only, what it writes is the least translation
/// that works; otherwise it is the same document, sent to the endpoint of the protocol that the model's name says. Like the raw one it has no keys, routes, limits or books, and it checks nothing.
/// </summary>
internal sealed class ParsingForwarder(Uri upstream)
{
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const string ChatPath = "/v1/chat/completions";
    private const string MessagesPath = "/v1/messages";

    private readonly UpstreamCall _upstream = new(upstream);

    public async Task ForwardAsync(HttpContext http)
    {
        using var written = new PooledBuffer((int)(http.Request.ContentLength ?? 4096) + 1024);
        var translates = await RewriteRequestAsync(http.Request, written);
        using var body = new ReadOnlyMemoryContent(written.Written);
        var path = translates ? ChatPath : UpstreamPath(http.Request, written.Written.Span);
        using var answer = await _upstream.SendAsync(http.Request, path, body);
        UpstreamCall.CopyHead(answer, http.Response, bodyIsUnchanged: false);

        await using var from = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var to = http.Response.BodyWriter;
            IEventRewriter events = translates ? new ChatToMessagesStream(to) : new SameEvents(to);
            await EventStream.RewriteAsync(from, to, events, http.RequestAborted);
            return;
        }
        await RewriteAnswerAsync(from, answer.Content.Headers.ContentLength, http.Response, translates);
    }

    /// <summary>Where a model of one protocol only is served: its name, which is in the body or (Gemini) in the path, says it.</summary>
    private static string UpstreamPath(HttpRequest request, ReadOnlySpan<byte> body)
    {
        var path = request.Path + request.QueryString;
        var inPath = path.IndexOf(VendorModels.OnlyPrefix, StringComparison.Ordinal);
        var name = inPath >= 0 ? path[inPath..] : body.IndexOf("\"bench-only-"u8) is var at and >= 0 ? Encoding.ASCII.GetString(body.Slice(at + 1, 48)) : null;
        if (name is null)
            return path;
        name = name[..name.IndexOfAny(['"', ':'])];
        return name.Split('-')[2] switch
        {
            "chat" => ChatPath,
            "responses" => "/v1/responses",
            "messages" => MessagesPath,
            _ => "/v1beta/models",
        } + $"?model={name}/";
    }

    /// <summary>Parses the client's request and writes the upstream's; true when that is a translation.</summary>
    private static async ValueTask<bool> RewriteRequestAsync(HttpRequest request, PooledBuffer written)
    {
        ReadResult read;
        while (!(read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted)).IsCompleted)
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        using var document = JsonDocument.Parse(read.Buffer);
        using var writer = new Utf8JsonWriter(written, Json);
        var translates = request.Path == MessagesPath && document.RootElement.GetProperty("model"u8).GetString()!.StartsWith(VendorModels.ChatOnlyPrefix, StringComparison.Ordinal);
        if (translates)
            MessagesToChatRequest.Write(document.RootElement, writer);
        else
            document.RootElement.WriteTo(writer);
        writer.Flush();
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return translates;
    }

    private static async Task RewriteAnswerAsync(Stream from, long? length, HttpResponse response, bool translates)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)(length ?? 64 * 1024));
        try
        {
            var read = await from.ReadAtLeastAsync(buffer, (int)(length ?? buffer.Length), throwOnEndOfStream: false);
            using var document = JsonDocument.Parse(buffer.AsMemory(0, read));
            using var writer = new Utf8JsonWriter(response.BodyWriter, Json);
            if (translates)
                ChatToMessagesAnswer.Write(document.RootElement, writer);
            else
                document.RootElement.WriteTo(writer);
            response.ContentLength = writer.BytesCommitted + writer.BytesPending;
            writer.Flush();
            await response.BodyWriter.FlushAsync();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
