using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>
/// The items of a Responses stream that passes through: those that are done as they stood, and the id of the one that is open. What a writer needs to go on in
/// the stream where its upstream broke off. One per stream, not thread-safe.
/// </summary>
public sealed class OpenAIResponsesFrame
{
    private readonly ArrayBufferWriter<byte> _done = new();
    private byte[] _openId = [];

    /// <summary>The items that are done, joined by commas.</summary>
    public ReadOnlySpan<byte> Done => _done.WrittenSpan;

    /// <summary>How many are done.</summary>
    public int DoneCount { get; private set; }

    /// <summary>Id of the item that is open, a JSON string token; empty where none is.</summary>
    public ReadOnlySpan<byte> OpenId => _openId;

    /// <summary>Observes one event that is no delta.</summary>
    public void Observe(ReadOnlySpan<byte> data)
    {
        var isAdded = data.IndexOf("\"response.output_item.added\""u8) >= 0;
        if (!isAdded && data.IndexOf("\"response.output_item.done\""u8) < 0)
            return;
        var memory = data.ToArray();
        try
        {
            var reader = new Utf8JsonReader(memory);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isItem = reader.TextIs("item"u8);
                reader.Read();
                if (isItem && reader.TokenType == JsonTokenType.StartObject)
                    Take(JsonTokens.ReadRaw(ref reader, memory).Utf8.Span, isAdded);
                else
                    reader.Skip();
            }
        }
        catch (JsonException)
        {
            // The stream is broken here; whoever reads its answer says so.
        }
    }

    /// <summary>The number behind the last one in a run of events; <paramref name="before"/> where there is none in it.</summary>
    public static int NextNumber(ReadOnlySpan<byte> events, int before)
    {
        var at = events.LastIndexOf("\"sequence_number\":"u8);
        if (at < 0)
            return before;
        var digits = events[(at + "\"sequence_number\":"u8.Length)..].TrimStart(" "u8);
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int number, out _) ? number + 1 : before;
    }

    private void Take(ReadOnlySpan<byte> item, bool isAdded)
    {
        if (isAdded)
        {
            _openId = IdOf(item);
            return;
        }

        if (_done.WrittenCount > 0)
            _done.Write(","u8);
        _done.Write(JsonTokens.OnOneLine(item));
        DoneCount++;
        _openId = [];
    }

    private static byte[] IdOf(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.TextIs("id"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
                return [(byte)'"', .. reader.ValueSpan, (byte)'"'];
            reader.Skip();
        }

        return [];
    }
}
