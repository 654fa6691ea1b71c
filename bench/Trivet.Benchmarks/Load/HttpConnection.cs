using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trivet.Benchmarks.Load;

/// <summary>A whole answer. The body lies in the connection's buffer and is valid until its next exchange.</summary>
internal readonly record struct Answer(int Status, ReadOnlyMemory<byte> Body);

/// <summary>
/// One kept HTTP/1.1 connection that sends bytes made before and reads one answer at a time. It exists because a client on the same machine
/// must cost little: it takes what the targets need from each other.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received;
    private int _start, _end;           // what of _received is not used yet
    private byte[] _body;
    private int _bodyLength;
    private readonly IPEndPoint _target;

    public HttpConnection(IPEndPoint target, int bufferBytes = 32 * 1024)
    {
        _target = target;
        _received = new byte[bufferBytes];
        _body = new byte[bufferBytes];
    }

    public ValueTask ConnectAsync() => _socket.ConnectAsync(_target, CancellationToken.None);

    public async ValueTask<Answer> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        var (status, length) = await BeginAsync(request);
        if (length is { } bytes)
            await ReadBodyAsync(bytes);
        else
            await ReadChunksAsync();
        if (_start != _end)
            throw new InvalidDataException($"{_end - _start} bytes follow the answer.");
        return new Answer(status, _body.AsMemory(0, _bodyLength));
    }

    /// <summary>Sends the request and reads the head; null is a chunked body.</summary>
    public async ValueTask<(int Status, long? Length)> BeginAsync(ReadOnlyMemory<byte> request)
    {
        _bodyLength = 0;
        for (var sent = 0; sent < request.Length;)
            sent += await _socket.SendAsync(request[sent..], SocketFlags.None);
        int end;
        while ((end = _received.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            await ReceiveAsync();
        var head = Encoding.ASCII.GetString(_received, _start, end);
        _start += end + 4;
        return (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), LengthOf(head));
    }

    /// <summary>Receives and forgets, for streams that are held open and only watched. 0 when the other side ended it.</summary>
    public async ValueTask<int> ReceiveAndForgetAsync()
    {
        _start = _end = 0;
        return await _socket.ReceiveAsync(_received, SocketFlags.None);
    }

    public void Dispose() => _socket.Dispose();

    private static long? LengthOf(string head)
    {
        const string name = "\r\nContent-Length:";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            var value = head.AsSpan(at + name.Length);
            var end = value.IndexOf('\r');
            return long.Parse((end < 0 ? value : value[..end]).Trim(), CultureInfo.InvariantCulture);
        }
        return head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)
            ? null
            : throw new InvalidDataException($"An answer with neither a length nor chunks: {head}");
    }

    private async ValueTask ReadBodyAsync(long bytes)
    {
        while (bytes > 0)
        {
            if (_start == _end)
                await ReceiveAsync();
            bytes -= Take(bytes);
        }
    }

    private async ValueTask ReadChunksAsync()
    {
        while (true)
        {
            int end;
            while ((end = _received.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
                await ReceiveAsync();
            var size = long.Parse(_received.AsSpan(_start, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _start += end + 2;
            await ReadBodyAsync(size);
            while (_end - _start < 2)
                await ReceiveAsync();
            if (!_received.AsSpan(_start, 2).SequenceEqual("\r\n"u8))
                throw new InvalidDataException("A chunk does not end where its size says, or trailers follow.");
            _start += 2;
            if (size == 0)
                return;
        }
    }

    private int Take(long most)
    {
        var bytes = (int)Math.Min(most, _end - _start);
        if (_bodyLength + bytes > _body.Length)
            Array.Resize(ref _body, Math.Max(_body.Length * 2, _bodyLength + bytes));
        _received.AsSpan(_start, bytes).CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += bytes;
        _start += bytes;
        return bytes;
    }

    private async ValueTask ReceiveAsync()
    {
        if (_start > 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }
        if (_end == _received.Length)
            throw new InvalidDataException("The head of an answer is longer than the buffer.");
        var read = await _socket.ReceiveAsync(_received.AsMemory(_end), SocketFlags.None);
        if (read == 0)
            throw new EndOfStreamException("The connection was closed before the answer was complete.");
        _end += read;
    }
}
