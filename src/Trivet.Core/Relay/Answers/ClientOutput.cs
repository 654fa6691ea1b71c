using System.Buffers;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// The client's side of an answer. Before <see cref="Open"/> nothing has left the house and failover is free. The relay's loop and the
/// keep-alive watch may both want to write: whoever enters first writes, at the boundary of an event.
/// </summary>
internal sealed class ClientOutput
{
    private IClientExchange _client = null!;
    private int _entered;
    private RelayCall? _committedBy;
    private ArrayOutput? _array;

    /// <summary>Status and headers are out.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whose content is out: it cannot be taken back. Null while none is.</summary>
    public RelayCall? CommittedBy => Volatile.Read(ref _committedBy);

    /// <summary>Content of an answer is out.</summary>
    public bool IsCommitted => CommittedBy is not null;

    /// <summary>Status that the client got; 0 before <see cref="Open"/>.</summary>
    public int Status { get; private set; }

    /// <summary>The client can no longer be written to.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Bytes written.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Gathers what is written, of a key whose payloads are recorded; null as a rule.</summary>
    public PayloadCapture? Capture { get; set; }

    /// <summary>Milliseconds (environment ticks) of the last write, for the keep-alive watch.</summary>
    public long LastWriteTimestamp { get; set; }

    /// <summary>Begins anew; events are turned into a JSON array for a client that wants one.</summary>
    public void Begin(IClientExchange client, bool isArray = false)
    {
        _client = client;
        _array = isArray ? new ArrayOutput() : null;
        (IsOpen, _committedBy, IsGone, Status, BytesWritten, _entered) = (false, null, false, 0, 0, 0);
    }

    public void End()
    {
        (_client, _committedBy) = (null!, null);
        Capture?.Dispose();
        Capture = null;
        _array?.Dispose();
        _array = null;
    }

    /// <summary>Fixes status and headers.</summary>
    public void Open(int status, string contentType, long? contentLength)
    {
        if (IsOpen)
            return;
        IsOpen = true;
        Status = status;
        if (_array is not null && contentType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
            (contentType, contentLength) = ("application/json; charset=UTF-8", null);
        else
            _array = null; // an error that came before the stream
        _client.Start(status, contentType, contentLength);
    }

    /// <summary>Ends what was opened: nothing more is written.</summary>
    public async ValueTask FinishAsync()
    {
        if (_array is null || !IsOpen || IsGone)
            return;
        var end = _array.End();
        _array = null;
        await WriteAsync(end, CancellationToken.None);
    }

    /// <summary>Content of this call goes out with the next write. False where another's, which raced it, has.</summary>
    public bool TryCommit(RelayCall call) => Interlocked.CompareExchange(ref _committedBy, call, null) is not { } other || ReferenceEquals(other, call);

    public bool TryEnter() => Interlocked.CompareExchange(ref _entered, 1, 0) == 0;

    public void Exit() => Volatile.Write(ref _entered, 0);

    /// <summary>Enters; waits for the keep-alive watch where that is writing just now, which is rare and short.</summary>
    public async ValueTask EnterAsync(TimeProvider time)
    {
        while (!TryEnter())
            await Task.Delay(TimeSpan.FromMilliseconds(2), time);
    }

    /// <summary>
    /// Writes and flushes, unless the end of the answer follows at once and takes these bytes along (one system call instead of two).
    /// Only between entering and <see cref="Exit"/>. False when the client has gone.
    /// </summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken, bool flushes = true)
    {
        if (IsGone)
            return false;
        if (_array is not null)
            bytes = _array.Turn(bytes);
        BytesWritten += bytes.Length;
        Capture?.Answer(bytes.Span);
        try
        {
            _client.Output.Write(bytes.Span);
            if (!flushes)
                return !(IsGone = cancellationToken.IsCancellationRequested);
            var flush = await _client.Output.FlushAsync(cancellationToken);
            IsGone = flush.IsCompleted || flush.IsCanceled;
        }
        catch (OperationCanceledException)
        {
            IsGone = true;
        }
        catch (IOException)
        {
            IsGone = true;
        }

        return !IsGone;
    }
}
