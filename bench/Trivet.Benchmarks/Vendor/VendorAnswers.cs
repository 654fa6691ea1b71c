using System.Text;

namespace Trivet.Benchmarks.Vendor;

/// <summary>
/// The bytes that the fake vendor serves, made once. Every answer carries a known number of <see cref="Word"/>s, so that a client can tell a
/// complete answer in either protocol. Shapes and lengths follow recorded answers of both vendors.
/// </summary>
internal static class VendorAnswers
{
    /// <summary>Occurs in an answer as often as it has text pieces, and nowhere else.</summary>
    public const string Word = "lorem";

    public const int PlainWords = 48;

    /// <summary>All events of a stream, the end marker included.</summary>
    public const int StreamEvents = 103;

    public const int ChatStreamWords = StreamEvents - 4;        // role, finish, usage, [DONE]
    public const int MessagesStreamWords = StreamEvents - 6;    // message_start, block start, ping, block stop, message_delta, message_stop

    public static byte[] ChatPlain(string model)
    {
        var text = string.Concat(Enumerable.Range(0, PlainWords).Select(Piece));
        return Utf8($$$"""
            {"id":"chatcmpl-Bq3mTfN0w2LxY7cVd9KzRu5HsEoJp","object":"chat.completion","created":1767225600,"model":"{{{model}}}","choices":[{"index":0,
            "message":{"role":"assistant","content":"{{{text}}}","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":210,"completion_tokens":144,"total_tokens":354,"prompt_tokens_details":{"cached_tokens":128,"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},
            "service_tier":"default","system_fingerprint":"fp_a1b2c3d4e5"}
            """.ReplaceLineEndings(""));
    }

    public static byte[] MessagesPlain(string model)
    {
        var text = string.Concat(Enumerable.Range(0, PlainWords).Select(Piece));
        return Utf8($$$"""
            {"model":"{{{model}}}","id":"msg_01Bq3mTfN0w2LxY7cVd9KzRu","type":"message","role":"assistant","content":[{"type":"text","text":"{{{text}}}"}],
            "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":82,"cache_creation_input_tokens":0,"cache_read_input_tokens":128,
            "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":144,"service_tier":"standard"}}
            """.ReplaceLineEndings(""));
    }

    /// <summary>The events of a Chat stream, each with its blank line: role, text pieces, finish, usage, <c>[DONE]</c>.</summary>
    public static byte[][] ChatEvents(string model) =>
    [
        ChatChunk(model, """[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]""", "null"),
        .. Enumerable.Range(0, ChatStreamWords).Select(i => ChatPiece(model, i)),
        ChatChunk(model, """[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]""", "null"),
        ChatChunk(model, "[]", """
            {"prompt_tokens":210,"completion_tokens":297,"total_tokens":507,"prompt_tokens_details":{"cached_tokens":128,"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}
            """.ReplaceLineEndings("")),
        Utf8("data: [DONE]\n\n"),
    ];

    public static byte[] ChatPiece(string model, int i) =>
        ChatChunk(model, $$$"""[{"index":0,"delta":{"content":"{{{Piece(i)}}}"},"logprobs":null,"finish_reason":null}]""", "null");

    public static byte[][] MessagesEvents(string model) =>
    [
        MessagesEvent("message_start", $$$$"""
            {"type":"message_start","message":{"model":"{{{{model}}}}","id":"msg_01Bq3mTfN0w2LxY7cVd9KzRu","type":"message","role":"assistant","content":[],
            "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":82,"cache_creation_input_tokens":0,"cache_read_input_tokens":128,
            "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}
            """.ReplaceLineEndings("")),
        MessagesEvent("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
        MessagesEvent("ping", """{"type":"ping"}"""),
        .. Enumerable.Range(0, MessagesStreamWords).Select(MessagesPiece),
        MessagesEvent("content_block_stop", """{"type":"content_block_stop","index":0}"""),
        MessagesEvent("message_delta", """
            {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},
            "usage":{"input_tokens":82,"cache_creation_input_tokens":0,"cache_read_input_tokens":128,"output_tokens":291}}
            """.ReplaceLineEndings("")),
        MessagesEvent("message_stop", """{"type":"message_stop"}"""),
    ];

    public static byte[] MessagesPiece(int i) =>
        MessagesEvent("content_block_delta", $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{Piece(i)}}}"}}""");

    public static byte[] Join(byte[][] events) => [.. events.SelectMany(e => e)];

    private static string Piece(int i) => $"{Word}{i % 1000:000} ";

    private static byte[] ChatChunk(string model, string choices, string usage) => Utf8(
        "data: {\"id\":\"chatcmpl-Bq3mTfN0w2LxY7cVd9KzRu5HsEoJp\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"" + model +
        "\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_a1b2c3d4e5\",\"choices\":" + choices + ",\"usage\":" + usage +
        ",\"obfuscation\":\"Qz81kLm0\"}\n\n");

    private static byte[] MessagesEvent(string name, string data) => Utf8($"event: {name}\ndata: {data}\n\n");

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
