using Microsoft.Extensions.Hosting;
using Trivet.Core.Diagnostics;

namespace Trivet.Tests.Diagnostics;

public sealed class LoopGuardTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly RecordingLogger<LoopGuardTests> _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _begun;

    public void Dispose() => _stopping.Dispose();

    [Fact]
    public async Task A_loop_that_ends_in_a_bug_is_told_and_begins_anew_after_a_pause()
    {
        var guarded = LoopGuard.RunAsync("the loop", _ => ++_begun < 3 ? throw new InvalidOperationException("bug") : Task.CompletedTask, _time, _log, _stopping.Token);

        Assert.Equal(1, _begun);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => _begun == 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _begun); // the second pause is longer
        _time.Advance(TimeSpan.FromSeconds(1));

        await guarded.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(3, _begun);
        Assert.Equal([1100, 1100], _log.EventIds);
    }

    [Fact]
    public async Task A_loop_that_was_ended_by_a_bug_still_writes_what_it_has_left_when_the_host_stops()
    {
        var hasWritten = false;
        var guarded = LoopGuard.RunAsync("the loop", Loop, _time, _log, _stopping.Token);
        await _stopping.CancelAsync();

        await guarded.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(hasWritten);

        Task Loop(CancellationToken stopping)
        {
            hasWritten = stopping.IsCancellationRequested;
            return hasWritten ? Task.CompletedTask : throw new InvalidOperationException("bug");
        }
    }

    [Fact]
    public async Task A_bug_in_what_is_written_last_does_not_keep_the_host_from_stopping()
    {
        await _stopping.CancelAsync();

        await LoopGuard.RunAsync("the loop", _ => throw new InvalidOperationException("bug"), _time, _log, _stopping.Token).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal([1100], _log.EventIds);
    }

    [Fact]
    public void Every_background_service_of_the_gateway_runs_under_the_guard()
    {
        var services = typeof(Trivet.Server.Workers.GuardedLoops).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BackgroundService))).ToList();

        Assert.NotEmpty(services);
        Assert.All(services, service => Assert.Contains(service.GetConstructors().Single().GetParameters(), parameter => parameter.ParameterType == typeof(Trivet.Server.Workers.GuardedLoops)));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 6_000 && !condition(); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }
}
