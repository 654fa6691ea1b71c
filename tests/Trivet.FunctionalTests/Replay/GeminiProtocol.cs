using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Specs;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Gemini as the proof knows it.</summary>
internal sealed class GeminiProtocol : WireProtocol
{
    public override string Name => "gemini";

    public override (string Path, JsonObject Body) Ask(JsonObject body)
    {
        var (model, stream) = ((string)body["model"]!, (bool?)body["stream"] == true);
        var rest = body.DeepClone().AsObject();
        rest.Remove("model");
        rest.Remove("stream");
        return ($"/v1beta/models/{model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}", rest);
    }

    public override bool IsStream(string path, JsonNode body) => path.Contains(":streamGenerateContent", StringComparison.Ordinal);

    public override void AddUpstream(TrivetYaml config, Uri address) => config.Gemini(UpstreamName, address, "sk-replay");

    public override JsonObject SimpleRequest(bool stream, bool withTools)
    {
        var body = new JsonObject { ["model"] = "", ["contents"] = new JsonArray(new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = "Go on." }) }) };
        if (stream)
            body["stream"] = true; // moves into the path
        if (withTools)
            body["tools"] = new JsonArray(new JsonObject { ["functionDeclarations"] = new JsonArray(new JsonObject { ["name"] = "any_tool", ["parametersJsonSchema"] = new JsonObject { ["type"] = "object" } }) });
        return body;
    }

    public override AnswerMeaning ReadWhole(JsonNode body) => GeminiAnswer.ReadWhole(body);

    public override AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => GeminiAnswer.ReadStream(frames);

    public override IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage) => GeminiLegality.Check(frames);

    public override IReadOnlyList<string> InvalidWhole(JsonNode body) => VendorSpec.Gemini.Validate("GenerateContentResponse", body);

    public override IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames) =>
        [.. frames.Select(f => JsonNode.Parse(f.Data)!).Where(chunk => chunk["error"] is null).SelectMany(InvalidWhole).Distinct()];

    public override IReadOnlyList<string> InvalidError(JsonNode body) =>
        body["error"] is JsonObject { } error && error["code"] is JsonValue && error["message"] is JsonValue && error["status"] is JsonValue ? [] : [$"not an error of Google's: {body.ToJsonString()}"];

    public override IReadOnlyList<string> InvalidRequest(JsonNode body) => VendorSpec.Gemini.Validate("GenerateContentRequest", body);

    // STOP is also what ends an answer at a stop sequence, and a pause.
    public override string SayStop(string stop) => stop switch
    {
        "stop_sequence" or "pause" => "end",
        "context" => "max",
        _ => stop,
    };

    // What was written to a cache is input like any other here.
    public override Tokens Counted(Tokens tokens) => tokens with { CacheWrite = 0 };

    protected override IReadOnlyList<string> StopMarks => ["\"finishReason\":"];

    public override RequestMeaning ReadRequest(JsonObject body) => GeminiRequest.Read(body);
}
