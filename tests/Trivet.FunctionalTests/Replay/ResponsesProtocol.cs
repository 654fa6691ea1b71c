using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Specs;

namespace Trivet.FunctionalTests.Replay;

/// <summary>OpenAI Responses as the proof knows it.</summary>
internal sealed class ResponsesProtocol : WireProtocol
{
    public override string Name => "openai-responses";

    public override (string Path, JsonObject Body) Ask(JsonObject body) => ("/v1/responses", body);

    public override void AddUpstream(TrivetYaml config, Uri address) => config.Responses(UpstreamName, address, "sk-replay");

    public override JsonObject SimpleRequest(bool stream, bool withTools)
    {
        var body = new JsonObject { ["model"] = "", ["input"] = "Go on." };
        if (stream)
            body["stream"] = true;
        if (withTools)
            body["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = "any_tool", ["parameters"] = new JsonObject { ["type"] = "object" }, ["strict"] = false });
        return body;
    }

    public override AnswerMeaning ReadWhole(JsonNode body) => ResponsesAnswer.ReadWhole(body);

    public override AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => ResponsesAnswer.ReadStream(frames);

    public override IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage) => ResponsesLegality.Check(frames);

    public override IReadOnlyList<string> InvalidWhole(JsonNode body) => VendorSpec.OpenAI.Validate("Response", body);

    public override IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames) =>
        [.. frames.SelectMany(f => VendorSpec.OpenAI.Validate("ResponseStreamEvent", JsonNode.Parse(f.Data)!)).Distinct()];

    public override IReadOnlyList<string> InvalidError(JsonNode body) => VendorSpec.OpenAI.Validate("ErrorResponse", body);

    public override IReadOnlyList<string> InvalidRequest(JsonNode body) => VendorSpec.OpenAI.Validate("CreateResponse", body);

    public override IReadOnlyList<string> KeptByGateway => ["stop"];

    // No stop sequences, no pauses; a full context is an answer cut off at its limit.
    public override string SayStop(string stop) => stop switch
    {
        "stop_sequence" or "pause" => "end",
        "context" => "max",
        _ => stop,
    };

    protected override IReadOnlyList<string> StopMarks => ["\"response.completed\"", "\"response.incomplete\"", "\"response.failed\""];

    public override RequestMeaning ReadRequest(JsonObject body) => ResponsesRequest.Read(body);
}
