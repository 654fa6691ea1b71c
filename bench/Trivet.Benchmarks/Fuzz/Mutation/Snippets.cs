using System.Text;

namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>What is put where it does not belong.</summary>
internal static class Snippets
{
    /// <summary>Values of every type and at every edge.</summary>
    public static byte[][] Values { get; } =
    [
        .. Utf8(
            "null", "true", "false", "{}", "[]", "\"\"", "0", "-0", "-1", "1", "2", "1.5", "1e5", "1e999", "-1e-999", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
            "2147483648", "4294967296", "123456789012345678901234567890", "0.1e+3", "\"1\"", "\"x\"", "\" \"", "\"null\"", "[null]", "[{}]", "[[]]", "[\"\"]", "[0]", "{\"\":null}", "{\"type\":null}",
            "{\"text\":null}", "{\"a\":1,\"a\":2}", "{\"type\":\"text\",\"text\":\"t\"}", "\"{}\"", "\"{\\\"a\\\":1}\"", "\"[1,\"", "\"\\\"\"", "\"\\\\\"", "\"\\u0000\"", "\"a\\u0000b\"",
            "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ude00\\ud83d\"", "\"\\uD800\\u0041\"", "\"\\u00e9\"", "\"é\"", "\"😀\"", "\"\u2028\"", "\"\\/\"", "\"\\n\\r\\t\\b\\f\"",
            "\"data: \\n\\n\"", "\"[DONE]\"", "\"<think>\"", "\"</think>\"", "\"<\\/thi\"", "\"trivetV1e30=\"", "\"trivetV1eyJvIjoidmVuZG9yIn0=\"", "\"toolu_1\"", "\"call_1\"", "\"msg_1\"", "\"tool_use\"", "\"STOP\"",
            "[1,2,3]", "{\"a\":{\"b\":{\"c\":[{}]}}}", "{\"error\":{}}", "{\"error\":\"e\"}"),
        Encoding.ASCII.GetBytes(new string('9', 400)),
        Encoding.ASCII.GetBytes("1e" + new string('9', 40)),
        Encoding.ASCII.GetBytes("\"" + new string('a', 300) + "\""),
    ];

    /// <summary>What is no JSON value.</summary>
    public static byte[][] Broken { get; } =
    [
        .. Utf8(
            "", ",", "]", "}", "nul", "tru", "-", "01", "+1", ".5", "1.", "1e", "NaN", "\"", "\"\\", "\"\\u", "\"\\u12\"", "\"\\x\"", "'a'", "\"\t\"", "\"\n\"", "//", "/**/1", "{", "[", "{\"a\"", "{\"a\":", "[1,]", "{,}", "{\"a\":1,}", "1 2"),
        [(byte)'"', 0, (byte)'"'],
        [(byte)'"', 0xFF, 0xFE, (byte)'"'],
        [(byte)'"', 0xC0, 0x80, (byte)'"'],
        [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'],
        [(byte)'"', 0xF0, 0x9F, 0x98, (byte)'"'],
        [(byte)'"', 0xC3, (byte)'"'],
        [0xEF, 0xBB, 0xBF],
        [0],
    ];

    /// <summary>A value, and once in a while none.</summary>
    public static byte[] Value(ref FuzzRandom random)
    {
        var from = random.OneIn(16) ? Broken : Values;
        return from[random.Below(from.Length)];
    }

    /// <summary>What goes into a string.</summary>
    public static byte[][] Texts { get; } =
    [
        .. Utf8("\\u0000", "\\ud83d", "\\ude00", "\\n", "\\\"", "\\\\", "\\/", "é", "😀", "<think>", "</think>", "{\\\"a\\\":1}", "{", "}", "\\\"}", " ", "trivetV1", "\\u", "\\", "\"", "\n", "\r", "[DONE]", "STOP"),
        [0], [0xFF], [0xC3], [0xE2, 0x82],
    ];

    /// <summary>Lines of a stream.</summary>
    public static byte[][] Lines { get; } = Utf8(
        "\n", "\r", "\r\n", ":\n", ": ping\n\n", "data\n", "data:\n", "data: \n\n", "data:\n\n", "data: [DONE]\n\n", "data: {}\n\n", "data: null\n\n", "data: []\n\n", "data: \"\"\n\n", "data: {\"error\":{\"message\":\"m\"}}\n\n",
        "event: error\n", "event: ping\n", "event:\n", "event\n", "id: 1\n", "retry: 5\n", "data: {\"type\":\"ping\"}\n\n", "data:{\"a\":1}\r\r", "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
        "data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n", " data: {}\n\n", "DATA: {}\n\n", "data: {\"a\":\ndata: 1}\n\n", "\uFEFF", "event: x\n\n", "data: {\"choices\":[]}\n\n", "data: {\"candidates\":[]}\n\n");

    private static byte[][] Utf8(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
