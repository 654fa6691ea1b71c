namespace Trivet.Core.Limits;

/// <summary>
/// What this node holds of one allowance, in nano-units of its currency: money leased and free, and what of it is set aside for requests that run. All of it was taken out of the database before; so whatever happens
/// here, nothing can be overdrawn.
/// </summary>
internal sealed class AllowanceState(AllowanceSpec spec, TimeProvider time, long keptMax = long.MaxValue)
{
    /// <summary>A lease is used for this long after it was last taken or renewed; the database keeps it half a minute longer, so that two nodes never use the same money.</summary>
    private static readonly TimeSpan UseTime = ILeaseStore.LeaseTime - TimeSpan.FromSeconds(30);

    /// <summary>Where so many times as much is left for others, what idles here is in nobody's way.</summary>
    private const int PlentyFactor = 16;

    /// <summary>Then it is kept so long: what a node holds is all it has when the database goes, and agents pause between requests.</summary>
    private const int IdleSecondsWherePlenty = 30;

    private readonly Lock _gate = new();
    private readonly long _useTicks = (long)(UseTime.TotalSeconds * time.TimestampFrequency);
    private long _free;
    private long _usableUntil;
    private int _inFlight;
    private long _generation;
    private long _takenNano;
    private long _lastTaken;

    public AllowanceSpec Spec => spec;

    /// <summary>More than this is neither asked for ahead nor kept.</summary>
    public long KeptMax => keptMax;

    /// <summary>Held by whoever asks the database, so that of many waiting requests one does.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Held by the first of those who wait for money.</summary>
    public SemaphoreSlim Line { get; } = new(1, 1);

    /// <summary>No question to the database before this timestamp.</summary>
    public long AskedNext { get; set; }

    /// <summary>No question ahead of need before this timestamp.</summary>
    public long RefillNext { get; set; }

    /// <summary>The database could not be asked: until this timestamp nobody tries again, and whoever lacks money is told so at once.</summary>
    public long AwayUntil { get; set; }

    /// <summary>Until this timestamp, requests that are expected to cost <see cref="SpentFloorNano"/> or more need not ask.</summary>
    public long SpentUntil { get; set; }

    /// <summary>See <see cref="SpentUntil"/>.</summary>
    public long SpentFloorNano { get; set; }

    /// <summary>The last lease was for one request only: what it leaves goes back at once.</summary>
    public bool IsNear { get; set; }

    /// <summary>A background question is under way.</summary>
    public int IsRefilling;

    /// <summary>How many requests wait for it.</summary>
    public int Waiting;

    /// <summary>What was left for anybody when the database was last asked; null before.</summary>
    public long? FreeElsewhereNano { get; private set; }

    /// <summary>The limit when the database was last asked.</summary>
    public long LimitNano { get; private set; }

    /// <summary>Nano-units that were set aside for requests per second, lately.</summary>
    public double RateNano { get; private set; }

    /// <summary>Sets money aside for a request. False where what is free does not cover it.</summary>
    public bool TryTake(long nano, out long generation)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            generation = _generation;
            if (_free < nano || now >= _usableUntil)
                return false;
            Take(nano, now);
            return true;
        }
    }

    /// <summary>Sets aside all that is free, for the only request that runs. False where another one runs or it is less than <paramref name="leastNano"/>.</summary>
    public bool TryTakeRest(long leastNano, out long nano, out long generation)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            (nano, generation) = (_free, _generation);
            if (_inFlight > 0 || nano <= 0 || nano < leastNano || now >= _usableUntil)
                return false;
            Take(nano, now);
            return true;
        }
    }

    /// <summary>More for a request that runs, as far as it goes.</summary>
    public long TakeUpTo(long nano)
    {
        lock (_gate)
        {
            var got = time.GetTimestamp() < _usableUntil ? Math.Min(nano, _free) : 0;
            _free -= got;
            return got;
        }
    }

    /// <summary>A request has ended; what it did not spend is free again.</summary>
    public void End(long leftNano, long generation)
    {
        lock (_gate)
        {
            _inFlight--;
            if (generation == _generation)
                _free += leftNano;
        }
    }

    /// <summary>What is free, and whether anything runs.</summary>
    public (long FreeNano, bool IsIdle) Look()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            Forget(now);
            return (_free, _inFlight == 0);
        }
    }

    /// <summary>The database set more aside. <paramref name="askedAt"/> is the timestamp before it was asked.</summary>
    public void Add(LeaseGrant grant, long askedAt)
    {
        lock (_gate)
        {
            Forget(time.GetTimestamp());
            (FreeElsewhereNano, LimitNano) = (grant.FreeNano + grant.OthersNano, grant.LimitNano);
            if (grant.GrantedNano <= 0)
                return;
            _free += grant.GrantedNano;
            _usableUntil = Math.Max(_usableUntil, askedAt + _useTicks);
        }
    }

    /// <summary>The lease was renewed.</summary>
    public void Renewed(long askedAt)
    {
        lock (_gate)
        {
            if (askedAt < _usableUntil)
                _usableUntil = askedAt + _useTicks;
        }
    }

    /// <summary>
    /// What goes back to the database: all that is free where the last lease was for one request and nobody waits for it here, where nothing was taken for a second (for half a minute where there is plenty for everybody),
    /// or where the window is over.
    /// It is taken out; if the database does not take it, <see cref="PutBack"/>.
    /// </summary>
    public long TakeIdle(bool isOver, out long generation)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            Forget(now);
            generation = _generation;
            var hasPlenty = !IsNear && FreeElsewhereNano / PlentyFactor >= _free;
            var isIdle = now - _lastTaken > time.TimestampFrequency * (hasPlenty ? IdleSecondsWherePlenty : 1);
            var back = isIdle || isOver || (IsNear && Volatile.Read(ref Waiting) == 0) ? _free : Math.Max(0, _free - keptMax);
            _free -= back;
            return back;
        }
    }

    /// <summary>Takes all that is free out, for others who wait for it.</summary>
    public long TakeFree(out long generation)
    {
        lock (_gate)
        {
            generation = _generation;
            var back = _free;
            _free = 0;
            return back;
        }
    }

    /// <summary>The database was not there to take it.</summary>
    public void PutBack(long nano, long generation)
    {
        lock (_gate)
        {
            if (generation == _generation)
                _free += nano;
        }
    }

    /// <summary>Called at even times: how fast money is set aside.</summary>
    public void Measure(TimeSpan since)
    {
        lock (_gate)
        {
            RateNano = 0.8 * RateNano + 0.2 * (_takenNano / since.TotalSeconds);
            _takenNano = 0;
        }
    }

    /// <summary>Nothing is held and nothing runs.</summary>
    public bool IsEmpty()
    {
        lock (_gate)
            return _free == 0 && _inFlight == 0;
    }

    private void Take(long nano, long now)
    {
        _free -= nano;
        _inFlight++;
        _takenNano += nano;
        _lastTaken = now;
    }

    // It was not renewed in time: the database may give it to others, so it is this node's no more.
    private void Forget(long now)
    {
        if (now < _usableUntil || _free == 0)
            return;
        _free = 0;
        _generation++;
    }
}
