using System.Buffers;
using System.Text;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// The form of items and their parts, from texts that stand as JSON string tokens. Streams and whole answers are written with the same functions, so
/// that they tell the same.
/// </summary>
internal static class OpenAIResponsesItems
{
    /// <summary>A text; <paramref name="annotations"/> and <paramref name="logProbs"/> are elements joined by commas.</summary>
    public static void TextPart(IBufferWriter<byte> output, ReadOnlySpan<byte> token, ReadOnlySpan<byte> annotations, ReadOnlySpan<byte> logProbs = default)
    {
        output.Write("{\"type\":\"output_text\",\"text\":"u8);
        output.Write(token);
        output.Write(",\"annotations\":["u8);
        output.Write(annotations);
        output.Write("],\"logprobs\":["u8);
        output.Write(logProbs);
        output.Write("]}"u8);
    }

    public static void RefusalPart(IBufferWriter<byte> output, ReadOnlySpan<byte> token)
    {
        output.Write("{\"type\":\"refusal\",\"refusal\":"u8);
        output.Write(token);
        output.Write("}"u8);
    }

    public static void SummaryPart(IBufferWriter<byte> output, ReadOnlySpan<byte> token)
    {
        output.Write("{\"type\":\"summary_text\",\"text\":"u8);
        output.Write(token);
        output.Write("}"u8);
    }

    /// <summary>A message; <paramref name="parts"/> are joined by commas, <paramref name="phase"/> is a string token or empty.</summary>
    public static void Message(IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> status, ReadOnlySpan<byte> parts, ReadOnlySpan<byte> phase = default)
    {
        Head(output, id, "message"u8);
        if (!phase.IsEmpty)
        {
            output.Write(",\"phase\":"u8);
            output.Write(phase);
        }

        output.Write(",\"status\":\""u8);
        output.Write(status);
        output.Write("\",\"role\":\"assistant\",\"content\":["u8);
        output.Write(parts);
        output.Write("]}"u8);
    }

    /// <summary>Thoughts; an empty <paramref name="summary"/> for none, <paramref name="encrypted"/> a string token or empty.</summary>
    public static void Reasoning(IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> summary, ReadOnlySpan<byte> encrypted)
    {
        Head(output, id, "reasoning"u8);
        output.Write(",\"summary\":["u8);
        if (!summary.IsEmpty)
            SummaryPart(output, summary);
        output.Write("]"u8);
        if (!encrypted.IsEmpty)
        {
            output.Write(",\"encrypted_content\":"u8);
            output.Write(encrypted);
        }

        output.Write("}"u8);
    }

    /// <summary>A call of a function or of a free-form tool.</summary>
    public static void Call(IBufferWriter<byte> output, ReadOnlySpan<byte> id, in CallHead call, bool isDone, ReadOnlySpan<byte> arguments)
    {
        Head(output, id, call.IsCustom ? "custom_tool_call"u8 : "function_call"u8);
        if (!call.IsCustom)
            output.Write(!isDone ? ",\"status\":\"in_progress\""u8 : call.IsCutOff ? ",\"status\":\"incomplete\""u8 : ",\"status\":\"completed\""u8);
        output.Write(",\"call_id\":"u8);
        output.Write(call.CallId);
        output.Write(",\"name\":"u8);
        output.Write(call.Name);
        if (call.Namespace.Length > 2)
        {
            output.Write(",\"namespace\":"u8);
            output.Write(call.Namespace);
        }

        output.Write(call.IsCustom ? ",\"input\":"u8 : ",\"arguments\":"u8);
        output.Write(arguments);
        output.Write("}"u8);
    }

    /// <summary>A picture, Base64 as a string token; empty while it is being drawn.</summary>
    public static void Picture(IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> data)
    {
        Head(output, id, "image_generation_call"u8);
        output.Write(data.IsEmpty ? ",\"status\":\"in_progress\",\"result\":null}"u8 : ",\"status\":\"completed\",\"result\":"u8);
        if (data.IsEmpty)
            return;
        output.Write(data);
        output.Write("}"u8);
    }

    /// <summary>An item's id, unique within the answer by its place and across answers by theirs.</summary>
    public static byte[] MakeId(string prefix, string answer, int outputIndex) => Encoding.UTF8.GetBytes($"\"{prefix}_{answer}{outputIndex:x2}\"");

    private static void Head(IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> type)
    {
        output.Write("{\"id\":"u8);
        output.Write(id);
        output.Write(",\"type\":\""u8);
        output.Write(type);
        output.Write("\""u8);
    }

    /// <summary>What stands in front of a call's arguments, as string tokens.</summary>
    internal readonly ref struct CallHead
    {
        public required ReadOnlySpan<byte> CallId { get; init; }

        public required ReadOnlySpan<byte> Name { get; init; }

        public ReadOnlySpan<byte> Namespace { get; init; }

        public bool IsCustom { get; init; }

        /// <summary>The limit cut its arguments off: agents must not run it.</summary>
        public bool IsCutOff { get; init; }
    }
}
