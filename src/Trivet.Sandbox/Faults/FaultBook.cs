namespace Trivet.Sandbox.Faults;

/// <summary>Decides which faults of a model name are active now: counts requests per name and remembers when it was first asked.</summary>
internal sealed class FaultBook(TimeProvider time, long seed)
{
    private const int NamesMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Record> _records = [];
    private ulong _random = (ulong)seed * 2 + 1;

    /// <summary>The staging for one request; counts it.</summary>
    public Staging Stage(ModelName model, IReadOnlyList<Fault> scripted)
    {
        if (model.Faults.Count == 0 && scripted.Count == 0)
        {
            return Staging.None;
        }

        var staging = new Staging();
        lock (_gate)
        {
            if (_records.Count > NamesMax)
            {
                _records.Clear();
            }

            var now = time.GetUtcNow();
            if (!_records.TryGetValue(model.Full, out var record))
            {
                _records[model.Full] = record = new Record(now);
            }

            record.Requests++;
            var common = model.Faults.Where(IsCondition).ToList();
            foreach (var fault in model.Faults)
            {
                if (!IsCondition(fault) && IsActive(fault, record, now) && common.TrueForAll(c => IsActive(AsArgument(c), record, now)))
                {
                    staging.Apply(fault, model.Full);
                }
            }
        }

        // A script has its own count, so its faults always apply.
        foreach (var fault in scripted)
        {
            staging.Apply(fault, model.Full);
        }

        return staging;
    }

    public IReadOnlyDictionary<string, int> Requests()
    {
        lock (_gate)
        {
            return _records.ToDictionary(r => r.Key, r => r.Value.Requests);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _records.Clear();
        }
    }

    private static bool IsCondition(Fault fault) => fault.Name is "times" or "after" or "down-ms" or "every" or "p";

    private static Fault AsArgument(Fault condition) =>
        new(condition.Name, null, new Dictionary<string, string> { [condition.Name] = condition.Value ?? "1" });

    private bool IsActive(Fault fault, Record record, DateTimeOffset now)
    {
        if (fault.Get("times") is not null && record.Requests > fault.Int("times", 1))
        {
            return false;
        }

        if (fault.Get("after") is not null && record.Requests <= fault.Int("after", 0))
        {
            return false;
        }

        if (fault.Get("down-ms") is not null && now - record.FirstSeen >= TimeSpan.FromMilliseconds(fault.Int("down-ms", 0)))
        {
            return false;
        }

        if (fault.Get("every") is not null && record.Requests % Math.Max(1, fault.Int("every", 1)) != 0)
        {
            return false;
        }

        return fault.Get("p") is null || NextDouble() < fault.Double("p", 1);
    }

    private double NextDouble()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (_random >> 11) / (double)(1UL << 53);
    }

    private sealed class Record(DateTimeOffset firstSeen)
    {
        public DateTimeOffset FirstSeen { get; } = firstSeen;

        public int Requests { get; set; }
    }
}
