using System.Text;

namespace Trivet.Server.Conformance.Talks;

/// <summary>One server-sent event.</summary>
internal sealed record SseFrame(string Event, string Data);

/// <summary>Takes a stream apart as the standard says: LF or CRLF, comments left out.</summary>
internal static class SseFrames
{
    public static IEnumerable<SseFrame> Read(ReadOnlyMemory<byte> body)
    {
        var (name, data) = ("", new List<string>());
        foreach (var line in Encoding.UTF8.GetString(body.Span).ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                    yield return new SseFrame(name, string.Join('\n', data));
                (name, data) = ("", []);
            }
            else if (line.StartsWith("event:", StringComparison.Ordinal))
                name = line[6..].Trim();
            else if (line.StartsWith("data:", StringComparison.Ordinal))
                data.Add(line[5..].TrimStart(' '));
        }
    }
}
