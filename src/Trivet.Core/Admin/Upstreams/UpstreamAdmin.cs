using System.Collections.Concurrent;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Admin.Upstreams;

/// <summary>What a test of an upstream found: one tiny real question to one of its endpoints.</summary>
/// <param name="AtMs">When it was asked, Unix milliseconds.</param>
/// <param name="Probe">How it went; null where there was no model to ask.</param>
/// <param name="Advice">What is wrong and how to mend it; null where it went well.</param>
public sealed record UpstreamTest(long AtMs, ProbeResult? Probe, UpstreamAdvice? Advice);

/// <summary>How an upstream's accounts stood when they were last asked for.</summary>
/// <param name="AtMs">Unix milliseconds.</param>
/// <param name="States">One for each credential.</param>
public sealed record UpstreamAccounts(long AtMs, IReadOnlyList<AccountState> States);

/// <summary>One upstream's traffic of a span of time, by currency.</summary>
/// <param name="Attempts">All.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="CostNano">By currency.</param>
/// <param name="ListNano">What the list says of those attempts that have a list price in the same currency, and what those cost.</param>
public sealed record UpstreamTraffic(long Attempts, long Failed, IReadOnlyDictionary<string, long> CostNano, IReadOnlyDictionary<string, long> ListNano)
{
    /// <summary>Adds hours up.</summary>
    public static UpstreamTraffic Of(IReadOnlyCollection<TrafficHour> hours) => new(
        hours.Sum(hour => hour.Attempts), hours.Sum(hour => hour.Failed),
        hours.Where(hour => hour.Currency.Length > 0).GroupBy(hour => hour.Currency).ToDictionary(group => group.Key, group => group.Sum(hour => hour.CostNano)),
        hours.Where(hour => hour.Currency.Length > 0 && hour.Listed > 0).GroupBy(hour => hour.Currency).ToDictionary(group => group.Key, group => group.Sum(hour => hour.ListNano)));
}

/// <summary>Tests upstreams and reads their traffic for people. Remembers the last test and balance of each, on this node.</summary>
public sealed class UpstreamAdmin(SnapshotHolder snapshots, UpstreamProbe probe, ITrafficStore traffic, TimeProvider time)
{
    /// <summary>A person waits in front of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, UpstreamTest> _tests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UpstreamAccounts> _accounts = new(StringComparer.Ordinal);

    /// <summary>The last test; null where there was none since this node started.</summary>
    public UpstreamTest? LastTest(string upstream) => _tests.GetValueOrDefault(upstream);

    /// <summary>The last balance that was asked for; null likewise.</summary>
    public UpstreamAccounts? LastAccounts(string upstream) => _accounts.GetValueOrDefault(upstream);

    /// <summary>Asks one tiny real question: costs about a dozen tokens, on the operator.</summary>
    /// <param name="upstream">Which; its first endpoint and credential are used.</param>
    /// <param name="model">The upstream's name of a model; null for its first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<UpstreamTest> TestAsync(UpstreamConfig upstream, string? model, CancellationToken cancellationToken)
    {
        var deadlines = upstream.Deadlines;
        var patient = upstream with { Deadlines = deadlines with { FirstContent = Shorter(deadlines.FirstContent), Total = Shorter(deadlines.Total), Headers = null } };
        var credential = upstream.Credentials.Count > 0 ? upstream.Credentials[0] : null;
        var atMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var asked = model ?? upstream.Models.FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal)) ?? await probe.FirstModelAsync(patient, patient.Endpoints[0], credential, cancellationToken);
        UpstreamTest test;
        if (asked is null)
        {
            test = new UpstreamTest(atMs, null, new UpstreamAdvice("No model to ask: the configuration names none, and the upstream lists none.", "Name one in 'models:'."));
        }
        else
        {
            var answer = await probe.AskAsync(patient, patient.Endpoints[0], credential, asked, cancellationToken);
            test = new UpstreamTest(atMs, answer, UpstreamAdvice.For(answer));
        }

        _tests[upstream.Name] = test;
        return test;
    }

    /// <summary>Asks the vendor how the accounts stand.</summary>
    public async Task<UpstreamAccounts> AskAccountsAsync(UpstreamConfig upstream, CancellationToken cancellationToken)
    {
        var states = await new AccountProbe(snapshots.Current.Config.Catalogue, time).AskAsync(upstream, cancellationToken);
        return _accounts[upstream.Name] = new UpstreamAccounts(time.GetUtcNow().ToUnixTimeMilliseconds(), states);
    }

    /// <summary>Hours of traffic of one upstream or all, the oldest first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<TrafficHour>>> HoursAsync(TrafficBy by, TimeSpan span, string? upstream, CancellationToken cancellationToken) =>
        traffic.HoursAsync(by, (time.GetUtcNow() - span).ToUnixTimeMilliseconds(), upstream, cancellationToken);

    /// <summary>The newest attempts of an upstream within a span.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> AttemptsAsync(TimeSpan span, string upstream, int countMax, CancellationToken cancellationToken) =>
        traffic.AttemptsAsync((time.GetUtcNow() - span).ToUnixTimeMilliseconds(), upstream, onlyFailed: false, countMax, cancellationToken);

    /// <summary>The last failure of each upstream within a span, among the newest few hundred.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyDictionary<string, AttemptRecord>>> LastFailuresAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        const int CountMax = 300;
        var failed = await traffic.AttemptsAsync((time.GetUtcNow() - span).ToUnixTimeMilliseconds(), null, onlyFailed: true, CountMax, cancellationToken);
        return failed.Fault is { } fault
            ? fault
            : StoreOutcome.Of<IReadOnlyDictionary<string, AttemptRecord>>(failed.Value.GroupBy(attempt => attempt.Upstream).ToDictionary(group => group.Key, group => group.First()));
    }

    /// <summary>A failure of the books in words for people.</summary>
    public static string InWords(string failure) => Enum.TryParse<FailureKind>(failure, out var kind) ? FailureTable.For(kind).Message : failure;

    private static TimeSpan Shorter(TimeSpan deadline) => deadline < Patience ? deadline : Patience;
}
