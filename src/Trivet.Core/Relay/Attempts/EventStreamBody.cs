using Trivet.Wire.BedrockConverse.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>A body in AWS's binary frames, read as the server-sent events that they stand for. Owns nothing but its buffers; the stream below is the caller's.</summary>
internal sealed class EventStreamBody(Stream frames) : Stream
{
    private const int ReadBytes = 16 * 1024;

    private readonly PooledBuffer _events = new();
    private byte[] _carry = [];
    private int _carried;
    private int _given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An empty buffer waits until something can be read, and takes nothing.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_given == _events.Length)
        {
            if (buffer.IsEmpty)
                return await frames.ReadAsync(buffer, cancellationToken);
            _events.Clear();
            _given = 0;
            if (_carry.Length - _carried < ReadBytes)
                Array.Resize(ref _carry, Math.Max(_carry.Length * 2, ReadBytes * 2));
            var read = await frames.ReadAsync(_carry.AsMemory(_carried, ReadBytes), cancellationToken);
            if (read == 0)
                return 0; // whoever reads the events tells whether the answer was whole
            _carried += read;
            Transcribe();
        }

        var length = Math.Min(buffer.Length, _events.Length - _given);
        _events.WrittenSpan.Slice(_given, length).CopyTo(buffer.Span);
        _given += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _events.Dispose();
        base.Dispose(disposing);
    }

    private void Transcribe()
    {
        var taken = BedrockEventStream.Transcribe(_carry.AsSpan(0, _carried), _events);
        if (taken < 0)
            throw new InvalidDataException("The upstream's event stream holds what is no frame.");
        _carry.AsSpan(taken, _carried - taken).CopyTo(_carry);
        _carried -= taken;
    }
}
