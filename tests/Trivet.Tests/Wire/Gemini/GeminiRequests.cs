using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.Gemini;

/// <summary>Short ways to read and write requests.</summary>
internal static class GeminiRequests
{
    public static CanonicalRequest Read(string body)
    {
        Assert.True(GeminiRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error), error?.Message);
        return request!;
    }

    public static CanonicalRequest ReadChat(string body)
    {
        Assert.True(OpenAIChatRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error), error?.Message);
        return request!;
    }

    public static CanonicalRequest ReadMessages(string body)
    {
        Assert.True(AnthropicMessagesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error), error?.Message);
        return request!;
    }

    public static JsonObject Write(CanonicalRequest request, LossList losses, GeminiDialect? dialect = null)
    {
        var output = new ArrayBufferWriter<byte>();
        GeminiRequestWriter.Write(request, dialect ?? GeminiDialect.Default, "gemini-x", output, losses);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    public static JsonObject WriteChat(CanonicalRequest request)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatRequestWriter.Write(request, OpenAIChatDialect.Default, "m", output, new LossList());
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    public static RequestScan Scan(string body)
    {
        var scan = new RequestScan();
        Assert.True(GeminiScan.TryScan(Encoding.UTF8.GetBytes(body), scan, out var error), error?.Message);
        return scan;
    }

    public static void AssertJson(string expected, JsonNode? actual) => JsonMeaning.AssertSame(JsonNode.Parse(expected), actual, "written");
}
