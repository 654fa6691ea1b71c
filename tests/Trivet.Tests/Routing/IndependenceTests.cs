using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Routing;

/// <summary>Who is asked after a failure.</summary>
public sealed class IndependenceTests
{
    private readonly PolicyRigOfHosts _rig = new();

    [Fact]
    public void After_a_failure_those_that_share_least_with_it_come_next() => Assert.Equal("a other near", _rig.AfterFailure("near", "other"));

    [Fact]
    public void Who_had_to_be_relaxed_stays_behind_who_meets_the_floors_however_independent_it_is()
    {
        _rig.Relaxed.Add(_rig["other"], 1);

        Assert.Equal("a near other", _rig.AfterFailure("near", "other"));
    }

    [Fact]
    public void Among_those_that_were_relaxed_alike_independence_counts()
    {
        _rig.Relaxed.Add(_rig["other"], 2);
        _rig.Relaxed.Add(_rig["near"], 2);
        _rig.Relaxed.Add(_rig["third"], 1);

        Assert.Equal("a third other near", _rig.AfterFailure("near", "other", "third"));
    }

    [Fact]
    public void Quarantine_stays_behind_all()
    {
        _rig.Relaxed.Add(_rig["near"], byte.MaxValue - 1);
        _rig.Health.For(_rig["other"].Id).Card.Standing = AuditStanding.Quarantined;

        Assert.Equal("a near other", _rig.AfterFailure("near", "other"));
    }

    /// <summary>Upstreams of which <c>a</c> and <c>near</c> are on one host.</summary>
    private sealed class PolicyRigOfHosts
    {
        private readonly ResolvedRoute _route;

        public PolicyRigOfHosts()
        {
            string[] names = ["a", "near", "other", "third"];
            var yaml = "upstreams:\n"
                + string.Concat(names.Select(name => $"  - {{ name: {name}, vendor: custom, keys: [k], models: [m], endpoints: {{ openai-chat: 'https://{(name == "near" ? "a" : name)}.example/v1' }} }}\n"))
                + $"routes:\n  - {{ model: r, candidates: [{string.Join(", ", names.Select(name => $"{{ upstream: {name}, model: m }}"))}] }}\n";
            Assert.True(GatewaySnapshot.Compile(Good(yaml)).TryResolve("r", out var route));
            _route = route!;
        }

        public HealthBoard Health { get; } = new();

        public RelaxedLevels Relaxed { get; } = new();

        public Offering this[string upstream] => _route.Candidates.Single(candidate => candidate.Upstream.Name == upstream);

        public string AfterFailure(params string[] behind)
        {
            List<Offering> order = [this["a"], .. behind.Select(name => this[name])];
            Independence.Prefer(order, 0, Health, Relaxed);
            return string.Join(' ', order.Select(offering => offering.Upstream.Name));
        }
    }
}
