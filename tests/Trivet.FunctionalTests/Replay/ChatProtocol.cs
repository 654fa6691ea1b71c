using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Specs;

namespace Trivet.FunctionalTests.Replay;

/// <summary>OpenAI Chat Completions as the proof knows it.</summary>
internal sealed class ChatProtocol : WireProtocol
{
    public override string Name => "openai-chat";

    public override (string Path, JsonObject Body) Ask(JsonObject body) => ("/v1/chat/completions", body);

    public override void AddUpstream(TrivetYaml config, Uri address) => config.Chat(UpstreamName, address, "sk-replay");

    public override JsonObject SimpleRequest(bool stream, bool withTools)
    {
        var body = new JsonObject { ["model"] = "", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Go on." }) };
        if (stream)
            (body["stream"], body["stream_options"]) = (true, new JsonObject { ["include_usage"] = true });
        if (withTools)
            body["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = "any_tool", ["parameters"] = new JsonObject { ["type"] = "object" } } });
        return body;
    }

    public override bool ComparesOrder => false;

    public override AnswerMeaning ReadWhole(JsonNode body) => ChatAnswer.ReadWhole(body);

    public override AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => ChatAnswer.ReadStream(frames);

    public override IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage) => ChatLegality.Check(frames, wantsUsage);

    public override IReadOnlyList<string> InvalidWhole(JsonNode body) => VendorSpec.OpenAI.Validate("CreateChatCompletionResponse", body);

    public override IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames) =>
        [.. frames.Where(f => f.Data.StartsWith('{') && !f.Data.StartsWith("{\"error\"", StringComparison.Ordinal)).SelectMany(f => VendorSpec.OpenAI.Validate("CreateChatCompletionStreamResponse", JsonNode.Parse(f.Data)!)).Distinct()];

    public override IReadOnlyList<string> InvalidError(JsonNode body) => VendorSpec.OpenAI.Validate("ErrorResponse", body);

    public override IReadOnlyList<string> InvalidRequest(JsonNode body) => VendorSpec.OpenAI.Validate("CreateChatCompletionRequest", body);

    public override string SayStop(string stop) => stop switch
    {
        "stop_sequence" or "pause" => "end",
        "context" => "max",
        _ => stop,
    };

    protected override IReadOnlyList<string> StopMarks => ["\"finish_reason\":\"", "\"finish_reason\": \""];

    public override RequestMeaning ReadRequest(JsonObject body) => ChatRequest.Read(body);
}
