using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>A protocol as this proof knows it: where it is asked, how a simple request looks, what an answer means, whether a stream is legal, its spec.</summary>
internal abstract class WireProtocol
{
    public static WireProtocol Chat { get; } = new ChatProtocol();

    public static WireProtocol Messages { get; } = new MessagesProtocol();

    public static WireProtocol Responses { get; } = new ResponsesProtocol();

    public static WireProtocol Gemini { get; } = new GeminiProtocol();

    public static IReadOnlyList<WireProtocol> All { get; } = [Chat, Responses, Messages, Gemini];

    /// <summary>Those that upstreams speak: Bedrock's has no clients.</summary>
    public static IReadOnlyList<WireProtocol> Upstreams { get; } = [.. All, new BedrockProtocol()];

    /// <summary>Name of the protocol and of its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the upstream that speaks it.</summary>
    public string UpstreamName => "up-" + Name;

    /// <summary>Path, query and body of what a client sends. <paramref name="body"/> has model and stream flag at its top, wherever the protocol wants them.</summary>
    public abstract (string Path, JsonObject Body) Ask(JsonObject body);

    /// <summary>The client wants a stream, or the upstream was asked for one.</summary>
    public virtual bool IsStream(string path, JsonNode body) => (bool?)body["stream"] == true;

    /// <summary>How a client says that it speaks this protocol, beyond the path; none for most.</summary>
    public virtual (string Name, string Value)? Header => null;

    /// <summary>The protocol keeps the order of what is said; Chat keeps text, thoughts and calls apart.</summary>
    public virtual bool ComparesOrder => true;

    public static WireProtocol Of(Exchange exchange) => Upstreams.Single(p => exchange.Id.StartsWith(p.Name, StringComparison.Ordinal));

    public abstract void AddUpstream(TrivetYaml config, Uri address);

    /// <summary>A request that any model answers.</summary>
    public abstract JsonObject SimpleRequest(bool stream, bool withTools);

    public abstract AnswerMeaning ReadWhole(JsonNode body);

    /// <summary>What a recording says.</summary>
    public virtual AnswerMeaning ReadRecorded(Exchange exchange) =>
        exchange.Sse is null ? ReadWhole(JsonNode.Parse(exchange.ResponseBody)!) : ReadStream(SseFrame.ReadAll(System.Text.Encoding.UTF8.GetString(exchange.Sse)));

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

    /// <summary>Settings that this protocol cannot say and Trivet itself keeps when it is the upstream's.</summary>
    public virtual IReadOnlyList<string> KeptByGateway => [];

    /// <summary>The tokens as far as this protocol can tell them.</summary>
    public virtual Tokens Counted(Tokens tokens) => tokens;

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
}
