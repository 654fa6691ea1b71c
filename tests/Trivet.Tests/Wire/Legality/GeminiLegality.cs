using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Tests.Specs;

namespace Trivet.Tests.Wire.Legality;

/// <summary>
/// Checks a Gemini stream against the grammar (WIRE_FACTS §3.3), independently of the writer: data lines with CRLF only (a comment breaks Google's Python
/// SDK), one candidate of the role model, calls whole with ids that differ, signatures in base64, one finish reason and on the last event, sums that add up.
/// </summary>
internal sealed class GeminiLegality(bool checkValues)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string? _model;
    private string? _responseId;
    private bool _isEnded;

    public StringBuilder Text { get; } = new();

    public StringBuilder Thoughts { get; } = new();

    public List<(string Id, string Name, JsonObject Args)> Calls { get; } = [];

    /// <summary>The kinds of the parts in their order; texts in a row count once, empty ones not at all.</summary>
    public List<string> Order { get; } = [];

    public string? FinishReason { get; private set; }

    public string? BlockReason { get; private set; }

    public JsonObject? Error { get; private set; }

    public JsonObject? Usage { get; private set; }

    /// <summary>Checks a stream; against the specification where asked to; and, unless the vendor's own values are damaged, that signatures and sums make sense.</summary>
    public static GeminiLegality Check(ReadOnlySpan<byte> stream, bool validate = false, bool checkValues = true)
    {
        var text = Encoding.UTF8.GetString(stream);
        Assert.EndsWith("\r\n\r\n", text);
        Assert.Equal(text, text.ReplaceLineEndings("\r\n"));
        var check = new GeminiLegality(checkValues);
        foreach (var line in text[..^4].Split("\r\n\r\n"))
        {
            Assert.StartsWith("data: ", line);
            Assert.DoesNotContain('\n', line);
            Assert.False(check._isEnded, "something follows the end");
            var chunk = Assert.IsType<JsonObject>(JsonNode.Parse(line[6..]));
            if (validate && !chunk.ContainsKey("error"))
                Assert.Empty(VendorSpec.Gemini.Validate("GenerateContentResponse", chunk));
            check.Take(chunk);
        }

        Assert.True(check._isEnded, "the stream has no end");
        return check;
    }

    /// <summary>Checks a whole answer.</summary>
    public static GeminiLegality CheckWhole(ReadOnlySpan<byte> body, bool validate = false, bool checkValues = true)
    {
        var answer = Assert.IsType<JsonObject>(JsonNode.Parse(body));
        if (validate)
            Assert.Empty(VendorSpec.Gemini.Validate("GenerateContentResponse", answer));
        var check = new GeminiLegality(checkValues);
        check.Take(answer);
        Assert.True(check._isEnded, "the answer has no finish reason");
        return check;
    }

    private void Take(JsonObject chunk)
    {
        if (chunk["error"] is JsonObject error)
        {
            Assert.Single(chunk);
            Assert.InRange(error["code"]!.GetValue<int>(), 400, 599);
            Assert.NotEmpty(error["message"]!.GetValue<string>());
            Assert.Matches("^[A-Z_]+$", error["status"]!.GetValue<string>());
            (Error, _isEnded) = (error, true);
            return;
        }

        Stable(chunk, "modelVersion", ref _model);
        Stable(chunk, "responseId", ref _responseId);
        if (chunk["usageMetadata"] is JsonObject usage)
            TakeUsage(usage);
        if (chunk["promptFeedback"]?["blockReason"] is { } blocked)
        {
            Assert.False(chunk.ContainsKey("candidates"), "a blocked prompt has no candidates");
            (BlockReason, _isEnded) = (blocked.GetValue<string>(), true);
            return;
        }

        var candidates = Assert.IsType<JsonArray>(chunk["candidates"]);
        for (var i = 0; i < candidates.Count; i++)
            Assert.Equal(i, candidates[i]!["index"]!.GetValue<int>());
        TakeCandidate(candidates[0]!.AsObject());
    }

    // A keep-alive names neither.
    private static void Stable(JsonObject chunk, string name, ref string? seen)
    {
        if (chunk[name] is not { } value)
            return;
        Assert.NotEmpty(value.GetValue<string>());
        seen ??= value.GetValue<string>();
        Assert.Equal(seen, value.GetValue<string>());
    }

    private void TakeUsage(JsonObject usage)
    {
        var sum = 0L;
        foreach (var name in (string[])["promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"])
            sum += usage[name]?.GetValue<long>() ?? 0;
        Assert.Equal(sum, usage["totalTokenCount"]!.GetValue<long>());
        if (checkValues)
            Assert.InRange(usage["cachedContentTokenCount"]?.GetValue<long>() ?? 0, 0, usage["promptTokenCount"]!.GetValue<long>());
        Usage = usage;
    }

    private void TakeCandidate(JsonObject candidate)
    {
        var content = candidate["content"]!.AsObject();
        Assert.Equal("model", content["role"]!.GetValue<string>());
        Assert.NotEmpty(content["parts"]!.AsArray());
        foreach (var part in content["parts"]!.AsArray())
            TakePart(part!.AsObject());
        if (candidate["finishReason"] is not { } reason)
            return;
        Assert.Matches("^[A-Z_]+$", reason.GetValue<string>());
        (FinishReason, _isEnded) = (reason.GetValue<string>(), true);
        Assert.NotNull(_model);
        Assert.NotNull(_responseId);
    }

    private void TakePart(JsonObject part)
    {
        Assert.Single(part, field => field.Key is not ("thought" or "thoughtSignature"));
        if (part["thoughtSignature"] is { } signature && checkValues)
            Assert.True(Convert.TryFromBase64String(signature.GetValue<string>(), new byte[signature.GetValue<string>().Length], out _), $"no base64: {signature}");
        if (part["functionCall"] is JsonObject call)
        {
            var id = call["id"]!.GetValue<string>();
            Assert.NotEmpty(id);
            Assert.True(_ids.Add(id), $"two calls have the id {id}");
            Assert.NotEmpty(call["name"]!.GetValue<string>());
            Calls.Add((id, call["name"]!.GetValue<string>(), Assert.IsType<JsonObject>(call["args"])));
            Order.Add("call");
        }
        else if (part["text"] is { } text)
        {
            Assert.Equal(JsonValueKind.String, text.GetValueKind());
            if (text.GetValue<string>().Length == 0)
                return;
            var isThought = part["thought"]?.GetValue<bool>() == true;
            (isThought ? Thoughts : Text).Append(text.GetValue<string>());
            var kind = isThought ? "thought" : "text";
            if (Order.Count == 0 || Order[^1] != kind)
                Order.Add(kind);
        }
        else
        {
            Order.Add(part.First(field => field.Key is not ("thought" or "thoughtSignature")).Key);
        }
    }
}
