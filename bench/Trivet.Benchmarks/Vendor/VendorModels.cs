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
}
