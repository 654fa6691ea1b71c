using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Vendor;

/// <summary>
/// The models of the fake vendor: the name says how it answers. Those with <c>chat</c> in their name exist at its Chat endpoint only, and the targets are
/// told so: a Messages client needs a translation.
/// </summary>
internal static class VendorModels
{
    public const string Plain = "bench-plain";
    public const string Burst = "bench-burst";
    public const string Paced = "bench-paced";
    public const string Slow = "bench-slow";
    public const string ChatPlain = "bench-chat-plain";
    public const string ChatBurst = "bench-chat-burst";

    public static readonly string[] BothProtocols = [Plain, Burst, Paced, Slow];

    public static readonly string[] ChatOnly = [ChatPlain, ChatBurst];

    public const string ChatOnlyPrefix = "bench-chat-";

    /// <summary>Of <c>translate</c>: models at the endpoint of one protocol only, which the name says.</summary>
    public const string OnlyPrefix = "bench-only-";

    public static readonly string[] OnlyShapes = ["plain", "burst", "paced"];

    public static string Only(Protocol protocol, string shape) => $"{OnlyPrefix}{Word(protocol)}-{shape}";

    public static string[] AllOnly(Protocol protocol) => [.. OnlyShapes.Select(shape => Only(protocol, shape))];

    /// <summary>A short name of a protocol.</summary>
    public static string Word(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => "chat",
        Protocol.OpenAIResponses => "responses",
        Protocol.AnthropicMessages => "messages",
        _ => "gemini",
    };
}
