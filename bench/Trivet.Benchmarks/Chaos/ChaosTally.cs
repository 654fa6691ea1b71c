using System.Collections.Concurrent;
using Trivet.Benchmarks.Parties;

namespace Trivet.Benchmarks.Chaos;

/// <summary>What clients saw, counted as it happens; only what went wrong is kept in words.</summary>
internal sealed class ChaosTally
{
    private const int KeptMax = 200;

    private readonly ConcurrentDictionary<string, byte> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string RequestId, string What)> _wrong = [];
    private long _sent, _whole, _left, _clear, _clearInCall, _hangs, _bad, _withoutId, _sameIds;

    /// <summary>The ids that clients were given; each must be in the books once.</summary>
    public ICollection<string> Ids => _ids.Keys;

    public long Sent => Volatile.Read(ref _sent);

    public long Whole => Volatile.Read(ref _whole);

    /// <summary>Clients that hung up, as they were told to.</summary>
    public long Left => Volatile.Read(ref _left);

    /// <summary>Requests that ended in an error that says so, those within a tool call aside.</summary>
    public long Clear => Volatile.Read(ref _clear);

    /// <summary>Streams that broke within a tool call of which the client had a part: nobody may restart those.</summary>
    public long ClearInCall => Volatile.Read(ref _clearInCall);

    public long Hangs => Volatile.Read(ref _hangs);

    /// <summary>Truncated successes, wrong tool calls, illegal streams.</summary>
    public long Bad => Volatile.Read(ref _bad);

    /// <summary>Replies whose headers tell no request id.</summary>
    public long WithoutId => Volatile.Read(ref _withoutId);

    /// <summary>What went wrong, and some of what went without an answer, with the request's id.</summary>
    public IReadOnlyCollection<(string RequestId, string What)> Wrong => _wrong;

    public IEnumerable<(string Error, long Count)> Errors => _errors.OrderByDescending(e => e.Value).Select(e => (e.Key, e.Value));

    public ConcurrentBag<(double FirstContentMs, double TotalMs)> Times { get; } = [];

    /// <summary>How many ids came twice.</summary>
    public long SameIds => Volatile.Read(ref _sameIds);

    public void Send() => Interlocked.Increment(ref _sent);

    public void Take(Reply reply, View? view, ChaosTalk talk, string what)
    {
        if (reply.RequestId.Length == 0 && reply.Status != 0)
            Interlocked.Increment(ref _withoutId);
        else if (reply.RequestId.Length > 0 && !_ids.TryAdd(reply.RequestId, 0))
            Interlocked.Increment(ref _sameIds);
        switch (view)
        {
            case null:
                Interlocked.Increment(ref _left);
                return;
            case { Outcome: Outcome.Whole }:
                Interlocked.Increment(ref _whole);
                Times.Add((reply.FirstContentMs, reply.TotalMs));
                return;
            case { Outcome: Outcome.ClearError }:
                Interlocked.Increment(ref talk.IsTool && HasCall(reply.Text) ? ref _clearInCall : ref _clear);
                _errors.AddOrUpdate(view.Why.Length > 110 ? view.Why[..110] : view.Why, 1, (_, n) => n + 1);
                break;
            default:
                Interlocked.Increment(ref reply.Broken?.StartsWith("no end", StringComparison.Ordinal) == true ? ref _hangs : ref _bad);
                break;
        }

        if (_wrong.Count < KeptMax)
            _wrong.Enqueue((reply.RequestId, $"{(view.Outcome == Outcome.ClearError ? "error" : "WRONG")} {what} at {reply.Started:HH:mm:ss}: {view.Why}"));
    }

    // As any of the four protocols begins one; a client's reading of a stream that broke off may leave an open call out.
    private static bool HasCall(string stream) => Array.Exists(["\"tool_calls\":[", "\"type\":\"function_call\"", "\"type\":\"tool_use\"", "\"functionCall\""], begin => stream.Contains(begin, StringComparison.Ordinal));
}
