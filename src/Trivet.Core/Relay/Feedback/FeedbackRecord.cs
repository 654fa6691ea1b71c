using Trivet.Core.Failures;
using Trivet.Core.Routing.Policies;

namespace Trivet.Core.Relay.Feedback;

/// <summary>What somebody says of an answer.</summary>
public enum FeedbackVerdict
{
    /// <summary>It was good.</summary>
    Up,

    /// <summary>It was not.</summary>
    Down,

    /// <summary>It was taken as it is: a change applied, a text sent.</summary>
    Accepted,

    /// <summary>It was asked for again.</summary>
    Retried,
}

/// <summary>A verdict on one request; of two the later counts.</summary>
/// <param name="RequestId">Which.</param>
/// <param name="Organisation">Of the key that asked.</param>
/// <param name="KeyId">The key.</param>
/// <param name="AtMs">When it was said, Unix milliseconds.</param>
/// <param name="Verdict">What.</param>
/// <param name="Task">What the request was taken for.</param>
/// <param name="Offering">Who answered, <c>upstream/model</c>.</param>
public sealed record FeedbackRecord(string RequestId, string Organisation, string KeyId, long AtMs, FeedbackVerdict Verdict, RequestTask Task, string Offering)
{
    /// <summary>Whether it speaks for the answer.</summary>
    public bool IsGood => Verdict is FeedbackVerdict.Up or FeedbackVerdict.Accepted;
}

/// <summary>Keeps verdicts.</summary>
public interface IFeedbackStore
{
    /// <summary>Keeps one in place of an earlier one on the same request.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(FeedbackRecord feedback, CancellationToken cancellationToken);

    /// <summary>Those since a time, the oldest first; what is left out beyond the count is the oldest.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<FeedbackRecord>>> ListAsync(long sinceMs, int countMax, CancellationToken cancellationToken);
}
