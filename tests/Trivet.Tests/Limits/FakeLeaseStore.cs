using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Limits;

namespace Trivet.Tests.Limits;

/// <summary>Leases as the database keeps them, in memory, shared by the nodes of a test: the same rules, none of the code.</summary>
internal sealed class FakeLeaseStore : ILeaseStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Row> _rows = [];

    /// <summary>A gate of a node of its own, for keys that have no limits.</summary>
    public static LimitGate Gate(TimeProvider time) =>
        new(new LeaseBroker(new FakeLeaseStore(), new NodeIdentity("node", "node.1"), time, NullLogger<LeaseBroker>.Instance), new LimitOptions(), time);

    public StoreFault? Fault { get; set; }

    /// <summary>What is given back arrives when this ends.</summary>
    public Task ReturnArrives { get; set; } = Task.CompletedTask;

    public int Asked { get; private set; }

    public long Spent(string allowance) => _rows[allowance].Spent;

    public long Leased(string allowance) => _rows[allowance].Leases.Values.Sum();

    /// <summary>Prepaid balances have to be there.</summary>
    public void Put(string allowance, long limit) => _rows[allowance] = new Row { Limit = limit };

    /// <summary>What the spool's writer does when a record is committed.</summary>
    public void Commit(string allowance, string holder, long charged)
    {
        lock (_gate)
        {
            var row = _rows[allowance];
            row.Spent += charged;
            row.Leases[holder] = Math.Max(0, row.Leases.GetValueOrDefault(holder) - charged);
            Assert.True(row.Spent + row.Leases.Values.Sum() <= row.Limit, $"{allowance} is overdrawn");
        }
    }

    public ValueTask<StoreOutcome<LeaseGrant>> TakeAsync(LeaseAsk ask, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Asked++;
            if (Fault is { } fault)
                return new((StoreOutcome<LeaseGrant>)fault);
            if (!_rows.TryGetValue(ask.Allowance.Id, out var row))
            {
                if (ask.Allowance.LimitNano is not { } limit)
                    return new((StoreOutcome<LeaseGrant>)new StoreFault(StoreFaultKind.NotFound, "none"));
                _rows[ask.Allowance.Id] = row = new Row { Limit = limit };
            }

            var free = row.Limit - row.Spent - row.Leases.Values.Sum();
            var others = row.Leases.Where(lease => lease.Key != ask.Holder).Sum(lease => lease.Value);
            var grant = free >= ask.NeedNano ? Math.Clamp(Math.Min(ask.WantNano, free / 4), ask.NeedNano, free)
                : ask.IsLast && others == 0 && free > 0 && free + ask.HeldNano >= ask.LeastNano ? free
                : 0;
            row.Leases[ask.Holder] = row.Leases.GetValueOrDefault(ask.Holder) + grant;
            return new(StoreOutcome.Of(new LeaseGrant(grant, free - grant, others, row.Limit)));
        }
    }

    public async ValueTask<StoreOutcome<int>> ReturnAsync(string holder, IReadOnlyList<LeaseReturn> returns, CancellationToken cancellationToken)
    {
        await ReturnArrives;
        lock (_gate)
        {
            if (Fault is { } fault)
                return fault;
            foreach (var back in returns)
                _rows[back.AllowanceId].Leases[holder] -= back.AmountNano;
            return StoreOutcome.Of(returns.Count);
        }
    }

    public ValueTask<StoreOutcome<int>> RenewAsync(string holder, CancellationToken cancellationToken) => new(Fault is { } fault ? fault : StoreOutcome.Of(1));

    public ValueTask<StoreOutcome<int>> ReleaseEarlierAsync(string node, string holder, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var count = 0;
            foreach (var row in _rows.Values)
            {
                foreach (var other in row.Leases.Keys.Where(key => key.StartsWith(node + ".", StringComparison.Ordinal) && key != holder).ToList())
                {
                    row.Leases.Remove(other);
                    count++;
                }
            }

            return new(StoreOutcome.Of(count));
        }
    }

    private sealed class Row
    {
        public long Limit { get; init; }

        public long Spent { get; set; }

        public Dictionary<string, long> Leases { get; } = [];
    }
}
