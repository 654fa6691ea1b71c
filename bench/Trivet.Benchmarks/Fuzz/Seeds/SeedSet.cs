using System.Text;
using System.Text.Json;

namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Seeds of one kind: those built in, and what the recorded exchanges add where they are present.</summary>
internal sealed class SeedSet
{
    private const int WholeBytesMax = 6_000;

    private readonly List<Seed> _small = [];
    private readonly List<Seed> _whole = [];

    public SeedSet(SeedKind kind, IEnumerable<byte[]> builtIn, IEnumerable<byte[]> recorded)
    {
        Kind = kind;
        var shapes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var bytes in builtIn)
            _small.Add(Cut(bytes));
        foreach (var bytes in recorded)
        {
            var small = kind switch { SeedKind.Json => SeedShrinker.Json(bytes), SeedKind.Events => SeedShrinker.Events(bytes), _ => bytes };
            if (small is null || !shapes.Add(Convert.ToHexString(small)))
                continue;
            if (small.Length <= WholeBytesMax)
                _small.Add(Cut(small));
            if (bytes.Length <= WholeBytesMax)
                _whole.Add(Cut(bytes));
        }
    }

    public SeedKind Kind { get; }

    public int Count => _small.Count + _whole.Count;

    /// <summary>Mostly small ones: what they find they find faster.</summary>
    public Seed Pick(ref FuzzRandom random) => _whole.Count > 0 && random.OneIn(32) ? _whole[random.Below(_whole.Count)] : _small[random.Below(_small.Count)];

    private Seed Cut(byte[] bytes)
    {
        var parts = new List<SeedPart>();
        var events = new List<SeedRange>();
        if (Kind == SeedKind.Json)
            AddParts(bytes, 0, bytes.Length, parts);
        else if (Kind == SeedKind.Events)
            AddEvents(bytes, events, parts);
        return new Seed(bytes, [.. parts], [.. events]);
    }

    private static void AddEvents(byte[] bytes, List<SeedRange> events, List<SeedPart> parts)
    {
        var (start, line) = (0, 0);
        while (line < bytes.Length)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', line);
            end = end < 0 ? bytes.Length : end + 1;
            if (bytes.AsSpan(line, end - line).StartsWith("data: "u8))
                AddParts(bytes, line + 6, end, parts);
            if (bytes.AsSpan(line, end - line).Trim("\r\n"u8).IsEmpty)
            {
                events.Add(new SeedRange(start, end));
                start = end;
            }

            line = end;
        }
    }

    private static void AddParts(byte[] bytes, int start, int end, List<SeedPart> parts)
    {
        var reader = new Utf8JsonReader(bytes.AsSpan(start, end - start));
        var open = new Stack<(int Start, int ValueStart)>();
        var name = -1;
        try
        {
            while (reader.Read())
            {
                var at = start + (int)reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = at;
                    continue;
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push((name < 0 ? at : name, at));
                }
                else
                {
                    var (first, value) = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray ? open.Pop() : (name < 0 ? at : name, at);
                    parts.Add(new SeedPart(first, value, start + (int)reader.BytesConsumed));
                }

                name = -1;
            }
        }
        catch (JsonException)
        {
            // A seed may be broken on purpose: what stands before is cut, the rest is bytes.
        }
    }

    /// <summary>The recorded exchanges of a protocol; none where the corpus is absent.</summary>
    public static IReadOnlyList<RecordedExchange> Recorded(string protocol)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var corpus = Path.Combine(folder.FullName, "..", "shared", "corpus", protocol);
            if (File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")) && Directory.Exists(corpus))
                return [.. Directory.GetFiles(corpus, "*.json").Order(StringComparer.Ordinal).Select(RecordedExchange.Read)];
        }

        return [];
    }
}

/// <summary>The bytes of a recorded exchange.</summary>
internal sealed record RecordedExchange(byte[]? Request, byte[]? Body, byte[]? Events, byte[]? Frames, int Status)
{
    public static RecordedExchange Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var response = document.RootElement.GetProperty("response");
        return new RecordedExchange(
            BodyOf(document.RootElement.GetProperty("request")),
            BodyOf(response),
            response.TryGetProperty("sse", out var sse) ? Encoding.UTF8.GetBytes(sse.GetString()!.ReplaceLineEndings("\n")) : null,
            response.TryGetProperty("eventstream_base64", out var frames) ? frames.GetBytesFromBase64() : null,
            response.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Number ? status.GetInt32() : 200);
    }

    private static byte[]? BodyOf(JsonElement message) =>
        message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("body", out var body) || body.ValueKind == JsonValueKind.Null
            ? null
            : Encoding.UTF8.GetBytes(body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText());
}
