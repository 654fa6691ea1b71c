using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;

namespace Trivet.Core.Conversations;

/// <summary>Writes kept responses to the database and deletes what has expired.</summary>
public sealed partial class ResponseWriterLoop(ResponseMemory memory, IResponseStore store, TimeProvider time, ILogger<ResponseWriterLoop> logger)
{
    private const int BatchMax = 64;

    private static readonly TimeSpan CollectFor = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(3);

    private readonly List<StoredResponse> _batch = [];

    /// <summary>Runs until cancelled, then writes what is left and returns.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.WhenAll(
            LoopGuard.RunAsync("the writer of responses", WriteLoopAsync, time, logger, stopping), LoopGuard.RepeatAsync("the end of kept responses", ExpireEvery, ExpireAsync, time, logger, stopping));
        using var patience = new CancellationTokenSource(DrainMax, time);
        try
        {
            while (_batch.Count > 0 || memory.Queue.Reader.Count > 0)
            {
                if (await WriteAsync(patience.Token) is not null)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is lost: clients that go on from it are told so.
        }
    }

    /// <summary>Writes one batch of what is queued.</summary>
    internal async ValueTask<StoreFault?> WriteAsync(CancellationToken cancellationToken)
    {
        while (_batch.Count < BatchMax && memory.Queue.Reader.TryRead(out var response))
            _batch.Add(response);
        _batch.RemoveAll(memory.IsDeleted);
        if (_batch.Count == 0)
            return null;
        var outcome = await store.SaveAsync(_batch, cancellationToken);
        if (outcome.Fault is null or { IsTransient: false })
            _batch.Clear();
        return outcome.Fault;
    }

    private async Task WriteLoopAsync(CancellationToken stopping)
    {
        var isAway = false;
        try
        {
            while (await memory.Queue.Reader.WaitToReadAsync(stopping))
            {
                await Task.Delay(CollectFor, time, stopping);
                while (await WriteAsync(stopping) is { } fault)
                {
                    if (!isAway)
                        LogAway(fault.Kind, fault.Message);
                    isAway = true;
                    if (!fault.IsTransient)
                        break;
                    await Task.Delay(RetryDelay, time, stopping);
                }

                isAway = false;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is written by RunAsync.
        }
    }

    private Task ExpireAsync(CancellationToken cancellationToken) => store.ExpireAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).AsTask();

    [LoggerMessage(3301, LogLevel.Warning, "Cannot keep responses ({Kind}: {Message}); requests go on, other nodes will not know these")]
    private partial void LogAway(StoreFaultKind kind, string message);
}
