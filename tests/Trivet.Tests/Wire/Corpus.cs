using System.Text;
using System.Text.Json;

namespace Trivet.Tests.Wire;

/// <summary>One recorded exchange with a vendor.</summary>
internal sealed record Exchange
{
    public required string Id { get; init; }

    public required string Provider { get; init; }

    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>The request's body; null where it was not recorded.</summary>
    public required byte[]? RequestBody { get; init; }

    /// <summary>Path of the request; empty where it was not recorded.</summary>
    public required string RequestPath { get; init; }

    public required int Status { get; init; }

    public required IReadOnlyDictionary<string, string> ResponseHeaders { get; init; }

    /// <summary>The answer's body; null where it is a stream.</summary>
    public required byte[]? ResponseBody { get; init; }

    /// <summary>The answer's stream as it stood; null where it is none.</summary>
    public required byte[]? Sse { get; init; }

    /// <summary>The answer's stream in AWS's binary frames; null where it is none.</summary>
    public byte[]? EventStream { get; init; }

    public bool Has(string feature) => Features.Contains(feature);

    public override string ToString() => $"{Id} ({Provider})";
}

/// <summary>
/// Recorded exchanges in <c>../shared/corpus</c> beside the repository. Tests that need them are skipped, visibly, where they are absent.
/// </summary>
internal static class Corpus
{
    private const string Absent = "(corpus absent)";

    private static readonly Dictionary<string, IReadOnlyList<Exchange>> Loaded = new(StringComparer.Ordinal);

    /// <summary>The folder that holds ../shared of the repository; null where it is absent.</summary>
    public static string? SharedDirectory { get; } = FindShared();

    /// <summary>All exchanges of a protocol (<c>openai-chat</c>, <c>anthropic-messages</c>, …); skips the test where there are none.</summary>
    public static IReadOnlyList<Exchange> All(string protocol)
    {
        var exchanges = Load(protocol);
        if (exchanges.Count == 0)
            Assert.Skip($"../shared/corpus/{protocol} is absent");
        return exchanges;
    }

    /// <summary>Ids for a theory: one test per exchange that fits.</summary>
    public static TheoryData<string> Ids(string protocol, Func<Exchange, bool> fits)
    {
        var ids = new TheoryData<string>();
        foreach (var exchange in Load(protocol).Where(fits))
            ids.Add(exchange.Id);
        if (ids.Count == 0)
            ids.Add(Absent);
        return ids;
    }

    /// <summary>The exchange of an id such as <c>openai-chat-054</c>; skips the test where the corpus is absent.</summary>
    public static Exchange Get(string id)
    {
        if (id == Absent)
            Assert.Skip("../shared/corpus is absent");
        var exchange = Load(id[..id.LastIndexOf('-')]).FirstOrDefault(e => e.Id == id);
        if (exchange is null)
            Assert.Skip($"{id} is absent from ../shared/corpus");
        return exchange;
    }

    private static IReadOnlyList<Exchange> Load(string protocol)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(protocol, out var exchanges))
            {
                var folder = SharedDirectory is null ? null : Path.Combine(SharedDirectory, "corpus", protocol);
                exchanges = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read)] : [];
                Loaded[protocol] = exchanges;
            }

            return exchanges;
        }
    }

    private static Exchange Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        var request = root.GetProperty("request");
        var response = root.GetProperty("response");
        return new Exchange
        {
            Id = root.GetProperty("id").GetString()!,
            Provider = root.GetProperty("provider").GetString()!,
            Features = [.. root.GetProperty("features").EnumerateArray().Select(f => f.GetString()!)],
            RequestBody = Body(request),
            RequestPath = request.ValueKind == JsonValueKind.Object && request.TryGetProperty("path", out var p) ? p.GetString() ?? "" : "",
            Status = response.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Number ? status.GetInt32() : 200,
            ResponseHeaders = response.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Object
                ? headers.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)
                : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase),
            ResponseBody = Body(response),
            Sse = response.TryGetProperty("sse", out var sse) ? Encoding.UTF8.GetBytes(sse.GetString()!) : null,
            EventStream = response.TryGetProperty("eventstream_base64", out var frames) ? frames.GetBytesFromBase64() : null,
        };
    }

    // A body that was recorded as JSON stands as JSON, another one as a string.
    private static byte[]? Body(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("body", out var body) || body.ValueKind == JsonValueKind.Null)
            return null;
        return Encoding.UTF8.GetBytes(body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText());
    }

    private static string? FindShared()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")))
                continue;
            var shared = Path.Combine(folder.FullName, "..", "shared");
            return Directory.Exists(shared) ? Path.GetFullPath(shared) : null;
        }

        return null;
    }
}
