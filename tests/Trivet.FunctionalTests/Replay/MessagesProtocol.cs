using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Specs;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Anthropic Messages as the proof knows it.</summary>
internal sealed class MessagesProtocol : WireProtocol
{
    public override string Name => "anthropic-messages";

    public override (string Path, JsonObject Body) Ask(JsonObject body) => ("/v1/messages", body);

    public override void AddUpstream(TrivetYaml config, Uri address) => config.Messages(UpstreamName, address, "sk-replay");

    public override JsonObject SimpleRequest(bool stream, bool withTools)
    {
        var body = new JsonObject { ["model"] = "", ["max_tokens"] = 1024, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Go on." }) };
        if (stream)
            body["stream"] = true;
        if (withTools)
            body["tools"] = new JsonArray(new JsonObject { ["name"] = "any_tool", ["input_schema"] = new JsonObject { ["type"] = "object" } });
        return body;
    }

    public override (string Name, string Value)? Header => ("anthropic-version", "2023-06-01");

    public override AnswerMeaning ReadWhole(JsonNode body) => MessagesAnswer.ReadWhole(body);

    public override AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => MessagesAnswer.ReadStream(frames);

    public override IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage) => MessagesLegality.Check(frames);

    public override IReadOnlyList<string> InvalidWhole(JsonNode body) => VendorSpec.Anthropic.Validate("Message", body);

    public override IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames) =>
        [.. frames.Where(f => f.Data.Length > 0 && f.Name is not ("ping" or "error")).SelectMany(f => VendorSpec.Anthropic.Validate("MessageStreamEvent", JsonNode.Parse(f.Data)!)).Distinct()];

    public override IReadOnlyList<string> InvalidError(JsonNode body) => VendorSpec.Anthropic.Validate("ErrorResponse", body);

    public override IReadOnlyList<string> InvalidRequest(JsonNode body) => VendorSpec.Anthropic.Validate("CreateMessageParams", body);

    public override string SayStop(string stop) => stop;

    protected override IReadOnlyList<string> StopMarks => ["\"message_delta\"", "\"stop_reason\":\""];

    public override RequestMeaning ReadRequest(JsonObject body) => MessagesRequest.Read(body);
}
