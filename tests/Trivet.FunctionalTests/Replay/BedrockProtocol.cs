using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Wire;
using Trivet.Tests.Wire.Legality;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Bedrock's Converse as the proof knows it: as an upstream's protocol. Nobody is a client of it, so nothing is asked or answered in it.</summary>
internal sealed class BedrockProtocol : WireProtocol
{
    public override string Name => "bedrock-converse";

    public override bool IsStream(string path, JsonNode body) => path.EndsWith("/converse-stream", StringComparison.Ordinal);

    public override void AddUpstream(TrivetYaml config, Uri address) => config.Bedrock(UpstreamName, address, "bedrock-replay");

    public override AnswerMeaning ReadWhole(JsonNode body) => BedrockAnswer.ReadWhole(body);

    public override AnswerMeaning ReadRecorded(Exchange exchange) => exchange.EventStream is null ? base.ReadRecorded(exchange) : BedrockAnswer.ReadFrames(exchange.EventStream);

    public override IReadOnlyList<string> InvalidRequest(JsonNode body) => BedrockShape.Check(body);

    public override RequestMeaning ReadRequest(JsonObject body) => BedrockRequest.Read(body);

    public override string SayStop(string stop) => stop;

    protected override IReadOnlyList<string> StopMarks => ["\"stopReason\":"];

    public override (string Path, JsonObject Body) Ask(JsonObject body) => throw NoClient();

    public override JsonObject SimpleRequest(bool stream, bool withTools) => throw NoClient();

    public override AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => throw NoClient();

    public override IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage) => throw NoClient();

    public override IReadOnlyList<string> InvalidWhole(JsonNode body) => throw NoClient();

    public override IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames) => throw NoClient();

    public override IReadOnlyList<string> InvalidError(JsonNode body) => throw NoClient();

    private static NotSupportedException NoClient() => new("Bedrock's Converse has no clients here.");
}
