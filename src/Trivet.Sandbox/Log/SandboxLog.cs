namespace Trivet.Sandbox;

/// <summary>The bounded log of everything a sandbox saw and served. Safe to read while requests run.</summary>
public sealed class SandboxLog
{
    private readonly Lock _gate = new();
    private readonly Queue<SandboxLogEntry> _entries = new();
    private readonly Queue<SandboxLogEntry> _bodies = new();
    private readonly int _entriesMax;
    private readonly long _bodyBytesMax;
    private long _bodyBytes;
    private long _lastId;

    internal SandboxLog(int entriesMax, long bodyBytesMax)
    {
        _entriesMax = entriesMax;
        _bodyBytesMax = bodyBytesMax;
    }

    /// <summary>Whether anything is kept at all.</summary>
    public bool IsEnabled => _entriesMax > 0;

    /// <summary>The id of the newest entry; 0 where there was none. Pass it to <see cref="Since"/> later.</summary>
    public long LastId
    {
        get
        {
            lock (_gate)
            {
                return _lastId;
            }
        }
    }

    /// <summary>All kept entries, oldest first.</summary>
    public IReadOnlyList<SandboxLogEntry> All() => Since(0);

    /// <summary>The kept entries with an id above <paramref name="id"/>, oldest first.</summary>
    public IReadOnlyList<SandboxLogEntry> Since(long id)
    {
        lock (_gate)
        {
            return _entries.Where(e => e.Id > id).ToList();
        }
    }

    /// <summary>Forgets all entries; ids go on counting.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _bodies.Clear();
            _bodyBytes = 0;
        }
    }

    internal SandboxLogEntry Open(Func<long, SandboxLogEntry> make)
    {
        lock (_gate)
        {
            var entry = make(++_lastId);
            if (IsEnabled)
            {
                _entries.Enqueue(entry);
                if (_entries.Count > _entriesMax)
                {
                    _entries.Dequeue();
                }
            }

            return entry;
        }
    }

    internal void KeepBody(SandboxLogEntry entry, byte[] body)
    {
        if (!IsEnabled)
        {
            return;
        }

        lock (_gate)
        {
            entry.Body = body;
            _bodies.Enqueue(entry);
            _bodyBytes += body.Length;
            while ((_bodyBytes > _bodyBytesMax || _bodies.Count > _entriesMax) && _bodies.TryDequeue(out var oldest))
            {
                _bodyBytes -= oldest.Body.Length;
                oldest.Body = default;
            }
        }
    }
}
