using System.Buffers;
using Trivet.Core.Relay.Attempts;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Reads an upstream's stream with one read always under way, so that the relay sees whether more is there already. It waits with 512 bytes, about an event,
/// and reads into 32 kB while much comes at once: a slow stream holds next to nothing, and a burst of 30 kB takes four system calls. (A read of no bytes, the
/// usual way to wait, makes the HTTP client go on in pieces of its own buffer's 4 kB, each announced by a look: 17 calls.)
/// <para>
/// A read that is still under way when the answer is given up is cancelled, which closes the connection, and awaited: left alone it went on reading from a
/// connection that had gone back to the pool, and took the next answer's first bytes (seen 2026-11-22, under load).
/// </para>
/// </summary>
internal sealed class ReadAhead(Stream stream, AttemptClock clock) : IAsyncDisposable
{
    private const int WaitingBytes = 512;
    private const int LargeBytes = 32 * 1024;

    /// <summary>A large read that brought less is likely to be followed by a pause.</summary>
    private const int MuchBytes = 2 * 1024;

    private readonly byte[] _waiting = new byte[WaitingBytes];
    private byte[]? _large;
    private bool _isLarge;
    private ValueTask<int> _read;
    private bool _isUnderWay;

    /// <summary>The next bytes are here, and taking them does not wait.</summary>
    public bool IsReady => _read.IsCompletedSuccessfully;

    /// <summary>Begins the next read. What was taken before is no longer valid.</summary>
    public void Start()
    {
        if (_isLarge)
            _large ??= ArrayPool<byte>.Shared.Rent(LargeBytes);
        else
            ReturnLarge();
        _isUnderWay = true;
#pragma warning disable CA2012 // awaited once: by Read, or by DisposeAsync where nobody took it
        _read = stream.ReadAsync(_isLarge ? _large : _waiting, clock.Token);
#pragma warning restore CA2012
    }

    /// <summary>What the read brought; nothing at the end of the stream.</summary>
    public ValueTask<int> Read
    {
        get
        {
            _isUnderWay = false;
            return _read;
        }
    }

    /// <summary>The bytes of a read that brought so many.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var buffer = _isLarge ? _large! : _waiting;
        _isLarge = count == buffer.Length || (_isLarge && count >= MuchBytes);
        return buffer.AsSpan(0, count);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isUnderWay)
        {
            _isUnderWay = false;
            if (!_read.IsCompleted)
                clock.GiveUp();
            try
            {
                await _read;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // It was to end.
            }
        }

        ReturnLarge();
    }

    private void ReturnLarge()
    {
        if (_large is not null)
            ArrayPool<byte>.Shared.Return(_large);
        _large = null;
    }
}
