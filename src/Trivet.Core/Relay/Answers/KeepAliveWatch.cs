using System.Collections.Concurrent;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Keeps silent streams alive: agents give up after minutes without a byte (Claude Code: 300 s), proxies sooner. One loop over all open
/// streams instead of a timer each, so that a stream costs nothing while it flows.
/// </summary>
internal sealed class KeepAliveWatch(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Silence after which a keep-alive is sent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    internal static readonly byte[] Comment = ": trivet keeps the line open\n\n"u8.ToArray();

    private readonly ConcurrentDictionary<RelayCall, bool> _calls = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task? _loop;

    /// <summary>Watches a streaming call until <see cref="RemoveAsync"/>.</summary>
    public void Add(RelayCall call)
    {
        call.Output.LastWriteTimestamp = time.GetTimestamp();
        _calls[call] = true;
        if (_loop is not null)
            return;
        lock (_stopping)
            _loop ??= Task.Run(RunAsync);
    }

    /// <summary>Watches it no longer. When it returns, no write of the watch is under way.</summary>
    public async ValueTask RemoveAsync(RelayCall call)
    {
        _calls.TryRemove(call, out _);
        await call.Output.EnterAsync(time);
        call.Output.Exit();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_loop is not null)
            await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var (call, _) in _calls)
                {
                    if (time.GetElapsedTime(call.Output.LastWriteTimestamp) >= Silence && call.Output.TryEnter())
                        await PingAsync(call);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
    }

    private async ValueTask PingAsync(RelayCall call)
    {
        try
        {
            // It may have been removed, or have written, between the look and the entering.
            if (!_calls.ContainsKey(call) || time.GetElapsedTime(call.Output.LastWriteTimestamp) < Silence)
                return;
            if (!call.Output.IsOpen)
                ResponseHeaders.SetEarly(call);
            call.Output.Open(200, "text/event-stream", null);
            call.Output.LastWriteTimestamp = time.GetTimestamp();
            await call.Output.WriteAsync(call.Output.IsCommitted ? call.Format.Ping : call.Format.EarlyPing, CancellationToken.None);
        }
        finally
        {
            call.Output.Exit();
        }
    }
}
