using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>Gets each line of a stream that carries something, and writes what becomes of it.</summary>
internal interface IEventRewriter
{
    void OnName(ReadOnlySpan<byte> name);

    void OnData(ReadOnlyMemory<byte> json);

    void OnDone();
}

/// <summary>Reads server-sent events line by line; one flush per upstream read.</summary>
internal static class EventStream
{
    public static async Task RewriteAsync(Stream from, PipeWriter to, IEventRewriter events, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var held = 0;       // bytes of a line that has not ended yet
        try
        {
            while (await from.ReadAsync(buffer.AsMemory(held), cancel) is var read and > 0)
            {
                var filled = held + read;
                var used = RewriteLines(buffer.AsMemory(0, filled), events);
                held = filled - used;
                buffer.AsSpan(used, held).CopyTo(buffer);
                if (held == buffer.Length)
                    throw new InvalidDataException("A line of the stream is longer than the buffer.");
                await to.FlushAsync(cancel);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int RewriteLines(ReadOnlyMemory<byte> bytes, IEventRewriter events)
    {
        var used = 0;
        while (bytes.Span[used..].IndexOf((byte)'\n') is var length and >= 0)
        {
            var line = bytes.Slice(used, length);
            used += length + 1;
            var span = line.Span;
            if (span.StartsWith("data: [DONE]"u8))
                events.OnDone();
            else if (span.StartsWith("data: "u8))
                events.OnData(line["data: ".Length..]);
            else if (span.StartsWith("event: "u8))
                events.OnName(span["event: ".Length..]);
        }
        return used;
    }
}

/// <summary>The same protocol on both sides: every event is parsed and written again, and the usage taken note of, as a meter would.</summary>
internal sealed class SameEvents(PipeWriter to) : IEventRewriter
{
    private readonly Utf8JsonWriter _json = new(to, ParsingForwarder.Json);
    private long _outputTokens;

    public void OnName(ReadOnlySpan<byte> name)
    {
        to.Write("event: "u8);
        to.Write(name);
        to.Write("\n"u8);
    }

    public void OnData(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object
            && (usage.TryGetProperty("completion_tokens"u8, out var tokens) || usage.TryGetProperty("output_tokens"u8, out tokens)))
            _outputTokens = Math.Max(_outputTokens, tokens.GetInt64());
        to.Write("data: "u8);
        _json.Reset();
        document.RootElement.WriteTo(_json);
        _json.Flush();
        to.Write("\n\n"u8);
    }

    public void OnDone() => to.Write("data: [DONE]\n\n"u8);
}
