using Microsoft.Extensions.Logging;

namespace Trivet.Core.Diagnostics;

/// <summary>
/// Lets a background loop go on after a bug in it. The host would stop for an exception that leaves a background service, and a loop that ended quietly would be missed by nobody until what it does is needed: so it is told,
/// and the loop begins anew after a pause.
/// </summary>
public static partial class LoopGuard
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>The same for a loop that does one thing, now and then again each time.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="every">The time between two beginnings.</param>
    /// <param name="work">The thing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where bugs are told.</param>
    /// <param name="stopping">The host is stopping.</param>
    public static Task RepeatAsync(string name, TimeSpan every, Func<CancellationToken, Task> work, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        return RunAsync(name, RepeatAsync, time, log, stopping);

        async Task RepeatAsync(CancellationToken token)
        {
            using var timer = new PeriodicTimer(every, time);
            do
            {
                await work(token);
            }
            while (await timer.WaitForNextTickAsync(token));
        }
    }

    /// <summary>Runs a loop until it returns, which it does when it is cancelled. Never throws.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="loop">The loop; it must bear to be begun again. One that was ended by a bug runs once more when <paramref name="stopping"/> is cancelled, so that it can write what it has left.</param>
    /// <param name="time">Of the pauses.</param>
    /// <param name="log">Where bugs are told.</param>
    /// <param name="stopping">The host is stopping.</param>
    public static async Task RunAsync(string name, Func<CancellationToken, Task> loop, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            var isLast = stopping.IsCancellationRequested;
            var started = time.GetTimestamp();
            try
            {
                await loop(stopping);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception bug)
            {
                if (time.GetElapsedTime(started) > PauseMax)
                    pause = FirstPause; // it ran well for a while
                LogBug(log, bug, name, isLast ? 0 : (long)pause.TotalSeconds);
            }

            if (isLast)
                return;
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does one part of a loop's turn whose bugs must not keep the other parts from their work.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="part">The part.</param>
    /// <param name="log">Where bugs are told.</param>
    public static void Run(string name, Action part, ILogger log)
    {
        try
        {
            part();
        }
        catch (Exception bug)
        {
            Tell(name, bug, log);
        }
    }

    /// <summary>Tells of a bug in work that nobody waits for.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="bug">What it ended with.</param>
    /// <param name="log">Where bugs are told.</param>
    public static void Tell(string name, Exception bug, ILogger log) => LogBug(log, bug, name, 0);

    [LoggerMessage(1100, LogLevel.Error, "A bug in {Loop}: it goes on in {Seconds} s")]
    private static partial void LogBug(ILogger log, Exception bug, string loop, long seconds);
}
