using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>One event of a stream, read in the plainest way. <see cref="Name"/> is empty where the stream names none.</summary>
internal sealed record SseFrame(string Name, string Data)
{
    // What a vendor nested to the usual limit of 64 lies deeper in what is written around it.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 128 };

    /// <summary>The data as JSON.</summary>
    public JsonNode ParseData() => JsonNode.Parse(Data, documentOptions: Deep)!;

    /// <summary>Splits a stream by the rules of the HTML standard. Comments and events without data are left out.</summary>
    public static IReadOnlyList<SseFrame> ReadAll(string stream)
    {
        var frames = new List<SseFrame>();
        var (name, data) = ("", new List<string>());
        foreach (var line in stream.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n'))
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                    frames.Add(new SseFrame(name, string.Join('\n', data)));
                (name, data) = ("", []);
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
            value = value.StartsWith(' ') ? value[1..] : value;
            if (field == "event")
                name = value;
            else if (field == "data")
                data.Add(value);
        }

        if (data.Count > 0)
            frames.Add(new SseFrame(name, string.Join('\n', data)));
        return frames;
    }
}
