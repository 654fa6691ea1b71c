using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Payloads;

/// <summary>
/// Records what is said with keys for which the operator asked for that, by <c>payload_logging</c>, behind the answers and bounded: no request waits for it, and what the database does not take in time is left out and counted.
/// Payloads are no books: what was not yet written when the process ends is lost.
/// </summary>
public sealed partial class PayloadRecorder(IPayloadStore store, TimeProvider time, ILogger<PayloadRecorder> logger)
{
    private const int WaitingMax = 512;
    private const long WaitingCharsMax = 16L << 20; // of all that waits together: 32 MB of memory
    private const int BatchMax = 32;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(3);

    private readonly Channel<RecordedPayload> _waiting = Channel.CreateBounded<RecordedPayload>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly List<RecordedPayload> _batch = [];
    private long _left;
    private long _waitingChars;

    /// <summary>Begins to record a request whose body is here, if its key's payloads are recorded.</summary>
    internal static void Begin(RelayCall call)
    {
        var config = call.Snapshot.Config.PayloadLogging;
        if (call.Key is { } key && (key.LogsPayloads || config.Keys.Count > 0 && (config.Keys.Contains(key.Id) || config.Keys.Contains(key.Name))))
            call.Output.Capture = new PayloadCapture(call.Body.WrittenSpan, (int)Math.Min(config.BytesMax, int.MaxValue / 2));
    }

    /// <summary>The request is answered: hands over what was gathered. False where nothing was, or there is no room.</summary>
    internal bool End(RelayCall call)
    {
        if (call.Output.Capture is not { } capture)
            return false;
        call.Output.Capture = null;
        using (capture)
        {
            var payload = capture.ToPayload(call, call.Snapshot.Config.PayloadLogging.Keep);
            if (Interlocked.Add(ref _waitingChars, CharsOf(payload)) <= WaitingCharsMax && _waiting.Writer.TryWrite(payload))
                return true;
            Interlocked.Add(ref _waitingChars, -CharsOf(payload));
        }

        Interlocked.Increment(ref _left);
        return false;
    }

    /// <summary>Writes until cancelled, then what is left.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.WhenAll(
            LoopGuard.RunAsync("the writer of payloads", WriteLoopAsync, time, logger, stopping), LoopGuard.RepeatAsync("the end of payloads", ExpireEvery, ExpireAsync, time, logger, stopping));
        using var patience = new CancellationTokenSource(DrainMax, time);
        try
        {
            while (_batch.Count > 0 || _waiting.Reader.Count > 0)
            {
                if (await WriteAsync(patience.Token) is not null)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is lost: these are no books.
        }
    }

    private static long CharsOf(RecordedPayload payload) => payload.Request.Length + payload.Answer.Length;

    private async ValueTask<StoreFault?> WriteAsync(CancellationToken cancellationToken)
    {
        while (_batch.Count < BatchMax && _waiting.Reader.TryRead(out var payload))
            _batch.Add(payload);
        if (_batch.Count == 0)
            return null;
        var outcome = await store.SaveAsync(_batch, cancellationToken);
        if (outcome.Fault is null or { IsTransient: false })
        {
            Interlocked.Add(ref _waitingChars, -_batch.Sum(CharsOf));
            _batch.Clear();
        }

        if (Interlocked.Exchange(ref _left, 0) is > 0 and var left)
            LogLeft(left);
        return outcome.Fault;
    }

    private async Task WriteLoopAsync(CancellationToken stopping)
    {
        var isAway = false;
        try
        {
            while (_batch.Count > 0 || await _waiting.Reader.WaitToReadAsync(stopping))
            {
                var fault = await WriteAsync(stopping);
                if (fault is not null && !isAway)
                    LogAway(fault.Kind, fault.Message);
                isAway = fault is not null;
                if (isAway)
                    await Task.Delay(RetryDelay, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is written by RunAsync.
        }
    }

    private Task ExpireAsync(CancellationToken cancellationToken) => store.ExpireAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).AsTask();

    [LoggerMessage(3310, LogLevel.Warning, "Cannot record payloads ({Kind}: {Message}); requests go on, and what does not fit is left out")]
    private partial void LogAway(StoreFaultKind kind, string message);

    [LoggerMessage(3311, LogLevel.Warning, "{Count} payloads were not recorded: the database did not take them in time")]
    private partial void LogLeft(long count);
}
