using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Specs;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>A protocol as this proof knows it: where it is asked, how a simple request looks, what an answer means, whether a stream is legal, its spec.</summary>
internal abstract class WireProtocol
{
    public static WireProtocol Chat { get; } = new ChatProtocol();

    public static WireProtocol Messages { get; } = new MessagesProtocol();

    public static IReadOnlyList<WireProtocol> All { get; } = [Chat, Messages];

    /// <summary>Name of the protocol and of its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the upstream that speaks it.</summary>
    public string UpstreamName => "up-" + Name;

    public abstract string Path { get; }

    public static WireProtocol Of(Exchange exchange) => All.Single(p => exchange.Id.StartsWith(p.Name, StringComparison.Ordinal));

    public abstract void AddUpstream(TrivetYaml config, Uri address);

    /// <summary>A request that any model answers.</summary>
    public abstract JsonObject SimpleRequest(bool stream, bool withTools);

    public abstract AnswerMeaning ReadWhole(JsonNode body);

    public abstract AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames);

    /// <summary>What breaks the protocol's grammar of streams; empty where nothing does.</summary>
    public abstract IReadOnlyList<string> Illegal(IReadOnlyList<SseFrame> frames, bool wantsUsage);

    /// <summary>What the vendor's specification has against an answer.</summary>
    public abstract IReadOnlyList<string> InvalidWhole(JsonNode body);

    /// <summary>What the vendor's specification has against a stream's events.</summary>
    public abstract IReadOnlyList<string> InvalidStream(IReadOnlyList<SseFrame> frames);

    /// <summary>What the vendor's specification has against an error.</summary>
    public abstract IReadOnlyList<string> InvalidError(JsonNode body);

    /// <summary>What the vendor's specification has against a request.</summary>
    public abstract IReadOnlyList<string> InvalidRequest(JsonNode body);

    /// <summary>The word of this protocol for a way to stop that another protocol knows.</summary>
    public abstract string SayStop(string stop);

    /// <summary>Where a stream can be cut so that the rest is missing for certain: before its stop reason, at the end of an event and within one.</summary>
    public IEnumerable<int> Cuts(byte[] sse)
    {
        var text = System.Text.Encoding.Latin1.GetString(sse); // one character a byte
        var stop = StopMarks.Select(mark => text.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(0).Min();
        var end = text.LastIndexOf("data:", stop, StringComparison.Ordinal);
        if (end <= 0)
            yield break;
        yield return text.LastIndexOf("data:", Math.Max(0, end / 2), StringComparison.Ordinal) is > 0 and var middle ? middle + 20 : end;
        yield return end;
    }

    /// <summary>How a stop reason begins on the wire, in the spellings of vendors.</summary>
    protected abstract IReadOnlyList<string> StopMarks { get; }

    public abstract RequestMeaning ReadRequest(JsonObject body);

    private sealed class ChatProtocol : WireProtocol
    {
        public override string Name => "openai-chat";

        public override string Path => "/v1/chat/completions";

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

    private sealed class MessagesProtocol : WireProtocol
    {
        public override string Name => "anthropic-messages";

        public override string Path => "/v1/messages";

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
}
