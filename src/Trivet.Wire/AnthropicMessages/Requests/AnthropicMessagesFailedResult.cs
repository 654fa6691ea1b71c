using System.Text;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>How a tool's result says in its text that the tool failed, for vendors that do not read <c>is_error</c> (DeepSeek, WIRE_FACTS §3.5).</summary>
public static class AnthropicMessagesFailedResult
{
    internal const string Words = "The tool failed:";

    private static readonly byte[] InText = Encoding.UTF8.GetBytes(Words + "\\n");
    private static readonly byte[] Only = Encoding.UTF8.GetBytes($$"""{"type":"text","text":"{{Words}}"}""");
    private static readonly byte[] BeforeOthers = [.. Only, (byte)','];

    /// <summary>What to insert behind the first byte (quote or bracket) of a result's content; empty where the content is neither text nor blocks.</summary>
    public static ReadOnlyMemory<byte> Insertion(ReadOnlySpan<byte> body, int contentAt) => body[contentAt] switch
    {
        (byte)'"' => InText,
        (byte)'[' => body[(contentAt + 1)..].TrimStart(" \t\r\n"u8) is [(byte)']', ..] ? Only : BeforeOthers,
        _ => default,
    };
}
