using System.Text.Json;
using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>Our cursor over JSON beside the framework's reader: the same tokens at the same places, or both refuse.</summary>
internal sealed class JsonTarget : IFuzzTarget
{
    private string? _wrong;

    public string Name => "json";

    public IReadOnlyList<string> Readers { get; } = ["JSON cursor"];

    public SeedSet Seeds { get; } = new(SeedKind.Json, FuzzDoor.Clients.SelectMany(door => BuiltInSeeds.Requests(door.Name)), FuzzDoor.Clients.SelectMany(door => SeedSet.Recorded(door.Corpus)).Select(exchange => exchange.Request).OfType<byte[]>());

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random) => _wrong = Compare(input.Span);

    public string? Check() => _wrong;

    private static string? Compare(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var cursor = new JsonCursor(json);
        while (true)
        {
            var (isReader, isReaderToken) = Next(ref reader);
            var (isCursor, isCursorToken) = Next(ref cursor);
            if (!isReader || !isCursor) // one may notice a token earlier what stands behind it
                return IsJson(ref reader, isReader) == IsJson(ref cursor, isCursor) ? null : $"one refuses and the other does not, behind byte {cursor.BytesConsumed}";
            if (isReaderToken != isCursorToken)
                return $"one refuses and the other does not, behind byte {cursor.BytesConsumed}";
            if (!isReaderToken)
                return null;
            if (reader.TokenType != cursor.TokenType || reader.TokenStartIndex != cursor.TokenStartIndex || !reader.ValueSpan.SequenceEqual(cursor.ValueSpan))
                return $"the tokens differ: {reader.TokenType} at {reader.TokenStartIndex}, {cursor.TokenType} at {cursor.TokenStartIndex}";
        }
    }

    private static bool IsJson(ref Utf8JsonReader reader, bool isSoFar)
    {
        var hasToken = isSoFar;
        while (isSoFar && hasToken)
            (isSoFar, hasToken) = Next(ref reader);
        return isSoFar;
    }

    private static bool IsJson(ref JsonCursor cursor, bool isSoFar)
    {
        var hasToken = isSoFar;
        while (isSoFar && hasToken)
            (isSoFar, hasToken) = Next(ref cursor);
        return isSoFar;
    }

    private static (bool IsJson, bool HasToken) Next(ref Utf8JsonReader reader)
    {
        try
        {
            return (true, reader.Read());
        }
        catch (JsonException)
        {
            return (false, false);
        }
    }

    private static (bool IsJson, bool HasToken) Next(ref JsonCursor cursor)
    {
        try
        {
            return (true, cursor.Read());
        }
        catch (JsonException)
        {
            return (false, false);
        }
    }
}
