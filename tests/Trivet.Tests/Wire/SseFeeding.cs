using System.Text;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire;

/// <summary>Ways to feed a recorded stream: whole, byte by byte, at seeded random places; with line feeds as they stood and with CRLF.</summary>
internal static class SseFeeding
{
    public static TheoryData<string> Ways => ["whole", "bytes", "split-1", "split-2", "split-3", "crlf-whole", "crlf-bytes", "crlf-split-4"];

    public static void Feed(byte[] stream, string way, ISseHandler handler)
    {
        var isCrlf = way.StartsWith("crlf-", StringComparison.Ordinal);
        var bytes = isCrlf ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stream).ReplaceLineEndings("\r\n")) : stream;
        var cut = isCrlf ? way[5..] : way;
        using var reader = new SseReader();
        var random = new Random(cut.StartsWith("split-", StringComparison.Ordinal) ? int.Parse(cut[6..]) : 0);
        for (var at = 0; at < bytes.Length;)
        {
            var length = cut switch { "whole" => bytes.Length, "bytes" => 1, _ => random.Next(1, 97) };
            length = Math.Min(length, bytes.Length - at);
            Assert.True(reader.Feed(bytes.AsSpan(at, length), handler));
            at += length;
        }

        reader.Complete(handler);
    }
}
