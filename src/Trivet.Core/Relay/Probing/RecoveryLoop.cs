using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Relay.Probing;

/// <summary>
/// Finds out when an offering that is down, or a credential that was refused, is well again, with one tiny real question each time: no user's request is spent
/// on it. Asks only while routing wants the offering, a few at a time, after half a second and then each few seconds.
/// </summary>
public sealed class RecoveryLoop(UpstreamProbe probe, HealthBoard health, TimeProvider time, ILogger<RecoveryLoop> log) : IAsyncDisposable
{
    private const int WatchedMax = 256;
    private const int AskedAtOnceMax = 8;
    private const long WantedForMs = 5 * 60_000;
    private const double Growth = 1.6;

    /// <summary>After a failure that nobody asked about since: was that all, or the beginning of an outage?</summary>
    private static readonly TimeSpan CheckAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CredentialPause = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CredentialPauseMax = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _asking = new(AskedAtOnceMax);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<CredentialState> _credentials = [];
    private int _watched;

    /// <summary>Told when an offering is found to be down, with the failures in a row, and when it answers again, with the seconds in between. Must be quick.</summary>
    public Action<string, bool, long>? Changed { get; set; }

    /// <summary>Watches an offering that has failed too often, until it answers.</summary>
    public void Watch(OfferingHealth card, Offering offering, EndpointConfig endpoint, Credential? credential)
    {
        if (Volatile.Read(ref _watched) >= WatchedMax || _stopping.IsCancellationRequested || !card.TryGoDown())
            return;
        Interlocked.Increment(ref _watched);
        RelayLog.OfferingDown(log, offering.Id, card.FailuresInRow);
        Changed?.Invoke(offering.Id, true, card.FailuresInRow);
        _ = Task.Run(() => WatchAsync(card, offering, endpoint, credential));
    }

    /// <summary>Looks after a failure, a minute later, unless a request has been answered by then.</summary>
    public void Check(OfferingHealth card, Offering offering, EndpointConfig endpoint, Credential? credential)
    {
        if (Volatile.Read(ref _watched) >= WatchedMax || _stopping.IsCancellationRequested || !card.TryBeginCheck())
            return;
        Interlocked.Increment(ref _watched);
        _ = Task.Run(() => AskOnceAsync(card, offering, endpoint, credential, CheckAfter, onlyIfFailed: true));
    }

    /// <summary>Asks one that has been out too often, now.</summary>
    public void Recheck(OfferingHealth card, Offering offering, EndpointConfig endpoint, Credential? credential)
    {
        if (Volatile.Read(ref _watched) >= WatchedMax || _stopping.IsCancellationRequested)
            return;
        Interlocked.Increment(ref _watched);
        _ = Task.Run(() => AskOnceAsync(card, offering, endpoint, credential, TimeSpan.Zero, onlyIfFailed: false));
    }

    /// <summary>Watches a credential that was refused, until it is taken.</summary>
    public void Watch(CredentialState credential, Offering offering, EndpointConfig endpoint)
    {
        lock (_credentials)
        {
            if (_credentials.Count >= WatchedMax || _stopping.IsCancellationRequested || !_credentials.Add(credential))
                return;
        }

        _ = Task.Run(() => WatchAsync(offering, endpoint, credential));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _stopping.CancelAsync();

    private async Task WatchAsync(OfferingHealth card, Offering offering, EndpointConfig endpoint, Credential? credential)
    {
        var started = time.GetTimestamp();
        try
        {
            for (var pause = FirstPause; card.IsDown; pause = Longer(pause, PauseMax))
            {
                await Task.Delay(Jitter(pause), time, _stopping.Token);
                if (!card.IsDown)
                    break; // a request that had nobody else was answered
                if (NowMs - card.WantedMs > WantedForMs)
                {
                    card.LeaveToRequests();
                    return;
                }

                if (IsWell(await AskAsync(offering, endpoint, credential)))
                    card.Succeeded(NowMs);
            }

            var seconds = (long)time.GetElapsedTime(started).TotalSeconds;
            RelayLog.OfferingBack(log, offering.Id, seconds);
            Changed?.Invoke(offering.Id, false, seconds);
        }
        catch (Exception exception)
        {
            card.LeaveToRequests(); // the host is stopping; or else nobody would ever find it well again
            Tell(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _watched);
        }
    }

    private async Task AskOnceAsync(OfferingHealth card, Offering offering, EndpointConfig endpoint, Credential? credential, TimeSpan after, bool onlyIfFailed)
    {
        try
        {
            if (after > TimeSpan.Zero)
                await Task.Delay(after, time, _stopping.Token);
            if (card.IsDown || onlyIfFailed && card.LastFailureMs == 0)
                return;
            var failure = await AskAsync(offering, endpoint, credential);
            if (IsWell(failure))
                card.Succeeded(NowMs);
            else
                card.Failed(failure!, NowMs);
        }
        catch (Exception exception)
        {
            Tell(exception);
        }
        finally
        {
            if (onlyIfFailed)
                card.EndCheck();
            Interlocked.Decrement(ref _watched);
        }
    }

    private async Task WatchAsync(Offering offering, EndpointConfig endpoint, CredentialState credential)
    {
        try
        {
            for (var pause = CredentialPause; credential.IsRefused; pause = Longer(pause, CredentialPauseMax))
            {
                await Task.Delay(Jitter(pause), time, _stopping.Token);
                if (!credential.IsRefused || NowMs - health.For(offering.Id).WantedMs > WantedForMs)
                    return;
                var failure = await AskAsync(offering, endpoint, credential.Credential);
                if (failure?.Kind is FailureKind.UpstreamCredentialRefused or FailureKind.UpstreamBillingExhausted)
                    credential.Refused(failure.Kind, NowMs);
                else if (IsWell(failure))
                    credential.Succeeded(offering.Model);
            }
        }
        catch (Exception exception)
        {
            Tell(exception);
        }
        finally
        {
            lock (_credentials)
                _credentials.Remove(credential);
        }
    }

    // A refusal of the question, or a rate limit, is an answer of an upstream that is there.
    private static bool IsWell(Failure? failure) => failure is null || failure.Rule.Scorecard is ScorecardEffect.None or ScorecardEffect.Limited;

    private async Task<Failure?> AskAsync(Offering offering, EndpointConfig endpoint, Credential? credential)
    {
        await _asking.WaitAsync(_stopping.Token);
        try
        {
            var deadlines = offering.Upstream.Deadlines;
            var patience = deadlines.FirstContent < Patience ? deadlines.FirstContent : Patience;
            var upstream = offering.Upstream with { Deadlines = deadlines with { FirstContent = patience, Headers = null, Total = patience + patience } };
            return (await probe.AskAsync(upstream, endpoint, credential, offering.Model, _stopping.Token)).Failure;
        }
        finally
        {
            _asking.Release();
        }
    }

    // Nobody waits for these tasks: what they end with is told here or nowhere.
    private void Tell(Exception exception)
    {
        if (!_stopping.IsCancellationRequested)
            LoopGuard.Tell("the probes of what is down", exception, log);
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static TimeSpan Longer(TimeSpan pause, TimeSpan max) => pause * Growth < max ? pause * Growth : max;

    private static TimeSpan Jitter(TimeSpan pause) => pause * (0.75 + (Random.Shared.NextDouble() / 2));
}
