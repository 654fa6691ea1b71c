using System.Buffers;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Turns the events that the relay writes into one JSON array, element by element: what Google streams to clients that do not ask for events. A keep-alive
/// is white space in it, an error its last element.
/// </summary>
internal sealed class ArrayOutput : ISseHandler, IDisposable
{
    private readonly SseReader _reader = new();
    private readonly PooledBuffer _output = new();
    private bool _hasElement;

    /// <summary>What the client gets for these bytes; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Turn(ReadOnlyMemory<byte> events)
    {
        _output.Clear();
        _reader.Feed(events.Span, this);
        if (_output.Length == 0)
            _output.Write("\r\n"u8);
        return _output.WrittenMemory;
    }

    /// <summary>The end of the array.</summary>
    public ReadOnlyMemory<byte> End()
    {
        _output.Clear();
        _reader.Complete(this);
        _output.Write(_hasElement ? "\r\n]"u8 : "[]"u8);
        return _output.WrittenMemory;
    }

    public void OnEvent(in SseEvent e)
    {
        if (!e.HasData)
            return;
        _output.Write(_hasElement ? ",\r\n"u8 : "["u8);
        _output.Write(e.Data);
        _hasElement = true;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _output.Dispose();
    }
}
