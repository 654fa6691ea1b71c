using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Answers;
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

    private const int JudgedMax = 100_000;

    /// <summary>Three half-lives: what is older weighs an eighth.</summary>
    private static readonly TimeSpan RestoredSpan = TimeSpan.FromDays(90);

    private readonly AnsweredRequests _answered = new();
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal); // also its own lock, which only verdicts take

    /// <summary>The words for verdicts.</summary>
    public static IReadOnlyDictionary<string, FeedbackVerdict> Words { get; } = Shapes.Words<FeedbackVerdict>();

    /// <summary>Puts what was said before this process began on the scorecards.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var read = await store.ListAsync((time.GetUtcNow() - RestoredSpan).ToUnixTimeMilliseconds(), JudgedMax, cancellationToken);
        if (read.Fault is not null)
            return;
        foreach (var feedback in read.Value)
        {
            lock (_judged)
            {
                if (!_judged.Add(feedback.RequestId))
                    continue;
            }

            health.For(feedback.Offering).Card.Tasks.Record(feedback.Task, feedback.IsGood, feedback.AtMs);
        }
    }

    /// <summary>A request was answered.</summary>
    internal void Answered(RelayCall call, string offering) =>
        _answered.Add(new AnsweredRequest(call.RequestId, call.Key!.Id, call.SessionHash, call.Task, offering, call.StartedMs));

    /// <summary>Hears what a request's header says. What cannot be understood is no reason to refuse the request.</summary>
    internal void Hear(RelayCall call)
    {
        if (call.Client.Header(Header) is not { Length: > 0 and <= 200 } text)
            return;
        var words = text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !Words.TryGetValue(words[^1], out var verdict))
            return;
        var about = words.Length == 2 ? _answered.Find(words[0]) : _answered.FindLast(call.SessionHash);
        if (about is not null && about.KeyId == call.Key!.Id)
            _ = SaveAsync(Note(about, call.Key, verdict));
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

    private async ValueTask<AnsweredRequest?> FindAsync(KeyEntry key, string requestId, CancellationToken cancellationToken)
    {
        if (_answered.Find(requestId) is { } found)
            return found.KeyId == key.Id ? found : null;
        var trace = await traces.FindAsync(requestId, cancellationToken);
        return trace is { IsSuccess: true, Value.Request: { } request } && request.KeyId == key.Id && trace.Value.Attempts.LastOrDefault(attempt => attempt.Failure.Length == 0) is { } answered
            ? new AnsweredRequest(requestId, key.Id, 0, RequestTask.Chat, $"{answered.Upstream}/{answered.UpstreamModel}", request.StartedMs)
            : null;
    }

    private FeedbackRecord Note(AnsweredRequest about, KeyEntry key, FeedbackVerdict verdict)
    {
        var feedback = new FeedbackRecord(about.Id, key.Organisation, key.Id, time.GetUtcNow().ToUnixTimeMilliseconds(), verdict, about.Task, about.Offering);
        if (IsFirst(about))
            health.For(about.Offering).Card.Tasks.Record(about.Task, feedback.IsGood, feedback.AtMs);
        return feedback;
    }

    // Said twice it counts once; the later word is what the next start reads. When there is no more room, a verdict on what is known here still counts once, and one on what is in the books alone from the next start on.
    private bool IsFirst(AnsweredRequest about)
    {
        if (!about.TryJudge())
            return false;
        lock (_judged)
            return _judged.Count < JudgedMax ? _judged.Add(about.Id) : !_judged.Contains(about.Id) && ReferenceEquals(_answered.Find(about.Id), about);
    }

    // A verdict that a database did not take is on the scorecard all the same, until the next start.
    private async Task SaveAsync(FeedbackRecord feedback) => await store.SaveAsync(feedback, CancellationToken.None);
}
