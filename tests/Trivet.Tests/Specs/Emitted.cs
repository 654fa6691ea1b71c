using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Tests.Wire;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Specs;

/// <summary>The schemas that hold for what a protocol's writers emit, and the ways to make them emit something.</summary>
internal sealed class Emitted
{
    private static readonly ResponseWriterOptions Options = new() { FallbackId = "f", FallbackModel = "m", CreatedAt = 1_700_000_000, IncludeUsage = true, InputTokensEstimate = 10, ReasoningOrigin = "vendor" };

    private readonly VendorSpec _spec;
    private readonly (string Request, string Answer, string Event, string Error) _schemas;

    private Emitted(Protocol protocol, VendorSpec spec, (string Request, string Answer, string Event, string Error) schemas) => (Protocol, _spec, _schemas) = (protocol, spec, schemas);

    /// <summary>Every protocol that Trivet speaks by now.</summary>
    public static IReadOnlyList<Emitted> All { get; } =
    [
        new(Protocol.OpenAIChat, VendorSpec.OpenAI, ("CreateChatCompletionRequest", "CreateChatCompletionResponse", "CreateChatCompletionStreamResponse", "ErrorResponse")),
        new(Protocol.OpenAIResponses, VendorSpec.OpenAI, ("CreateResponse", "Response", "ResponseStreamEvent", "ErrorResponse")),
        new(Protocol.AnthropicMessages, VendorSpec.Anthropic, ("CreateMessageParams", "Message", "MessageStreamEvent", "ErrorResponse")),
        new(Protocol.Gemini, VendorSpec.Gemini, ("GenerateContentRequest", "GenerateContentResponse", "GenerateContentResponse", "")),
    ];

    public Protocol Protocol { get; }

    public string Name => WireFormats.NameOf(Protocol);

    public IWireFormat Format => WireFormats.For(Protocol);

    /// <summary>Ids of recorded exchanges of every spoken protocol.</summary>
    public static TheoryData<string> Ids(Func<Exchange, bool> fits)
    {
        var ids = new TheoryData<string>();
        foreach (var row in All.SelectMany(emitted => Corpus.Ids(emitted.Name, fits)).Select(row => row.Data).Distinct())
            ids.Add(row);
        return ids;
    }

    public static Emitted Of(string id) => id.StartsWith('(') ? All[0] : All.Single(emitted => id.StartsWith(emitted.Name, StringComparison.Ordinal));

    /// <summary>The protocols that an exchange is translated to; between two ends of its own its bytes pass, whatever the specification says of them.</summary>
    public static IEnumerable<Emitted> Others(string id) => All.Where(emitted => emitted != Of(id));

    /// <summary>An offering of a vendor that is reached over this protocol.</summary>
    public static Offering At(string vendor, string model) => new(new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get(vendor), Endpoints = [] }, model);

    /// <summary>What the vendor's specification has against the request as this protocol's writer makes it.</summary>
    public IReadOnlyList<string> InvalidRequest(CanonicalRequest request, Offering offering)
    {
        var output = new ArrayBufferWriter<byte>();
        Format.WriteRequest(request, offering, output, new LossList());
        return _spec.Validate(_schemas.Request, JsonNode.Parse(output.WrittenSpan)!);
    }

    public IReadOnlyList<string> InvalidAnswer(CanonicalResponse response)
    {
        var output = new ArrayBufferWriter<byte>();
        Format.WriteResponse(response, Options, output, new LossList());
        return _spec.Validate(_schemas.Answer, JsonNode.Parse(output.WrittenSpan)!);
    }

    /// <summary>What the specification has against the events of a stream that <paramref name="play"/> fills; each with its event.</summary>
    public IReadOnlyList<string> InvalidStream(Action<IStreamSink> play)
    {
        var output = new ArrayBufferWriter<byte>();
        play(Format.CreateStreamWriter(output, Options, new LossList()));
        var events = new Collecting();
        using var sse = new SseReader();
        Assert.True(sse.Feed(output.WrittenSpan, events));
        sse.Complete(events);
        return [.. events.Data.SelectMany(InvalidEvent).Distinct()];
    }

    public IReadOnlyList<string> InvalidError(WireError error)
    {
        if (_schemas.Error.Length == 0)
            return [];
        var output = new ArrayBufferWriter<byte>();
        Format.WriteError(error, "req_1", output);
        return _spec.Validate(_schemas.Error, JsonNode.Parse(output.WrittenSpan)!);
    }

    // Pings and errors in streams are described in the vendors' words only, not in their schemas.
    private IEnumerable<string> InvalidEvent(string data)
    {
        if (!data.StartsWith('{'))
            return data == "[DONE]" ? [] : [$"{data}: is no JSON"];
        var value = JsonNode.Parse(data)!.AsObject();
        var type = (string?)value["type"];
        if (type == "ping" || Protocol == Protocol.AnthropicMessages && type == "error" || type is null && value.ContainsKey("error"))
            return [];
        return _spec.Validate(_schemas.Event, value).Select(fault => $"{fault} in {data[..Math.Min(data.Length, 300)]}");
    }

    private sealed class Collecting : ISseHandler
    {
        public List<string> Data { get; } = [];

        public void OnEvent(in SseEvent e) => Data.Add(Encoding.UTF8.GetString(e.Data));
    }
}
