using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Yaml;

namespace Trivet.Core.Relay.Feedback;

/// <summary>
/// Takes what people say of answers, by <c>POST /v1/feedback</c> or by a header of the conversation's next request, and puts it on the scorecard of who answered, by task. Remembers the last requests of this node;
/// older ones, and those of other nodes, are looked up in the books, which do not hold what a request was for.
/// </summary>
public sealed class FeedbackDesk(IFeedbackStore store, ITraceStore traces, HealthBoard health, TimeProvider time)
{
    /// <summary>On a request: a verdict on the one before it in the conversation, or <c>REQUEST VERDICT</c>.</summary>
    public const string Header = "x-trivet-feedback";

    private const int RecentMax = 1 << 14;
    private const int RestoredMax = 100_000;

    /// <summary>Three half-lives: what is older weighs an eighth.</summary>
    private static readonly TimeSpan RestoredSpan = TimeSpan.FromDays(90);

    private readonly Lock _gate = new();
    private readonly Recent?[] _ring = new Recent?[RecentMax];
    private readonly Dictionary<string, Recent> _recent = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _lastOfSession = [];
    private readonly HashSet<string> _judgedBefore = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>The words for verdicts.</summary>
    public static IReadOnlyDictionary<string, FeedbackVerdict> Words { get; } = Shapes.Words<FeedbackVerdict>();

    /// <summary>Puts what was said before this process began on the scorecards.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var read = await store.ListAsync((time.GetUtcNow() - RestoredSpan).ToUnixTimeMilliseconds(), RestoredMax, cancellationToken);
        if (read.Fault is not null)
            return;
        foreach (var feedback in read.Value)
        {
            health.For(feedback.Offering).Card.Tasks.Record(feedback.Task, feedback.IsGood, feedback.AtMs);
            lock (_gate)
                _judgedBefore.Add(feedback.RequestId);
        }
    }

    /// <summary>A request was answered.</summary>
    internal void Answered(RelayCall call, string offering)
    {
        lock (_gate)
        {
            // The newest takes the place of the oldest.
            ref var place = ref _ring[_next];
            _next = (_next + 1) % RecentMax;
            if (place is { } oldest)
            {
                _recent.Remove(oldest.RequestId);
                if (oldest.WasJudged != 0 && _judgedBefore.Count < RestoredMax)
                    _judgedBefore.Add(oldest.RequestId);
                if (_lastOfSession.TryGetValue(oldest.Session, out var last) && last == oldest.RequestId)
                    _lastOfSession.Remove(oldest.Session);
            }

            place = new Recent(call.RequestId, call.Key!.Id, call.SessionHash, call.Task, offering);
            _recent[call.RequestId] = place;
            if (call.SessionHash != 0)
                _lastOfSession[call.SessionHash] = call.RequestId;
        }
    }

    /// <summary>Hears what a request's header says. What cannot be understood is no reason to refuse the request.</summary>
    internal void Hear(RelayCall call)
    {
        if (call.Client.Header(Header) is not { Length: > 0 and <= 200 } text)
            return;
        var words = text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !Words.TryGetValue(words[^1], out var verdict))
            return;
        Recent? about;
        lock (_gate)
        {
            var id = words.Length == 2 ? words[0] : _lastOfSession.GetValueOrDefault(call.SessionHash);
            about = id is not null && _recent.TryGetValue(id, out var found) && found.KeyId == call.Key!.Id ? found : null;
        }

        if (about is not null)
            _ = SaveAsync(Note(about, call.Key!, verdict));
    }

    /// <summary>Takes a verdict on a key's own request. A failure says why not.</summary>
    public async ValueTask<(FeedbackRecord? Feedback, Failure? Failure)> TakeAsync(KeyEntry key, string requestId, string word, CancellationToken cancellationToken)
    {
        if (!Words.TryGetValue(word, out var verdict))
            return (null, new Failure(FailureKind.ClientRequestInvalid) { Detail = $"verdict: write one of {string.Join(", ", Words.Keys)}." });
        if (await FindAsync(key, requestId, cancellationToken) is not { } about)
            return (null, new Failure(FailureKind.ClientRequestInvalid) { Detail = $"request_id: no answered request of this key is called '{ResponseHeaders.Ascii(RecordText.Cut(requestId))}'." });
        var feedback = Note(about, key, verdict);
        var saved = await store.SaveAsync(feedback, cancellationToken);
        return saved.Fault is null ? (feedback, null) : (null, new Failure(FailureKind.GatewayCannotBook));
    }

    private async ValueTask<Recent?> FindAsync(KeyEntry key, string requestId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_recent.TryGetValue(requestId, out var found))
                return found.KeyId == key.Id ? found : null;
        }

        var trace = await traces.FindAsync(requestId, cancellationToken);
        return trace is { IsSuccess: true, Value.Request: { } request } && request.KeyId == key.Id && trace.Value.Attempts.LastOrDefault(attempt => attempt.Failure.Length == 0) is { } answered
            ? new Recent(requestId, key.Id, 0, RequestTask.Chat, $"{answered.Upstream}/{answered.UpstreamModel}")
            : null;
    }

    private FeedbackRecord Note(Recent about, KeyEntry key, FeedbackVerdict verdict)
    {
        var feedback = new FeedbackRecord(about.RequestId, key.Organisation, key.Id, time.GetUtcNow().ToUnixTimeMilliseconds(), verdict, about.Task, about.Offering);
        if (IsFirst(about))
            health.For(about.Offering).Card.Tasks.Record(about.Task, feedback.IsGood, feedback.AtMs);
        return feedback;
    }

    // What is no longer among the recent ones is remembered by its id alone; when there is no more room, such a verdict is kept in the books and counts from the next start on.
    private bool IsFirst(Recent about)
    {
        if (Interlocked.Exchange(ref about.WasJudged, 1) != 0)
            return false;
        lock (_gate)
            return _recent.ContainsKey(about.RequestId) || (_judgedBefore.Count < RestoredMax && _judgedBefore.Add(about.RequestId));
    }

    // A verdict that a database did not take is on the scorecard all the same, until the next start.
    private async Task SaveAsync(FeedbackRecord feedback) => await store.SaveAsync(feedback, CancellationToken.None);

    private sealed record Recent(string RequestId, string KeyId, ulong Session, RequestTask Task, string Offering)
    {
        // Said twice it counts once; the later word is what the next start reads.
        public int WasJudged;
    }
}
