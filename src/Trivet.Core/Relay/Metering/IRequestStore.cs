using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>How a request ended, as people ask for it.</summary>
public enum RequestOutcome
{
    /// <summary>The client got an answer.</summary>
    Answered,

    /// <summary>The client got an error.</summary>
    Failed,

    /// <summary>The client got an answer, and not from the first attempt.</summary>
    Rescued,
}

/// <summary>A question for booked requests. What is null is not asked for; text is compared whole.</summary>
public sealed record RequestQuery
{
    /// <summary>As <see cref="Failure"/>: whichever way.</summary>
    public const string AnyFailure = "any";

    /// <summary>Arrived at this time (Unix milliseconds) or later.</summary>
    public long FromMs { get; init; }

    /// <summary>Arrived before this time; null: no end.</summary>
    public long? UntilMs { get; init; }

    public string? Organisation { get; init; }

    /// <summary>The empty text asks for requests of no team.</summary>
    public string? Team { get; init; }

    public string? KeyId { get; init; }

    /// <summary>What the client asked for.</summary>
    public string? Model { get; init; }

    /// <summary>The client's protocol.</summary>
    public string? Protocol { get; init; }

    public string? SessionId { get; init; }

    public RequestOutcome? Outcome { get; init; }

    /// <summary>The HTTP status that the client got.</summary>
    public int? Status { get; init; }

    public string? ErrorCode { get; init; }

    /// <summary>Took at least this long.</summary>
    public long? DurationMsMin { get; init; }

    /// <summary>Any of its attempts went by this route.</summary>
    public string? Route { get; init; }

    /// <summary>Any of its attempts went to this upstream.</summary>
    public string? Upstream { get; init; }

    /// <summary>Any of its attempts asked for this model of the upstream.</summary>
    public string? UpstreamModel { get; init; }

    /// <summary>Any of its attempts, of those that the question is for, failed in this way; <see cref="AnyFailure"/>: in any.</summary>
    public string? Failure { get; init; }

    /// <summary>Where the page before ended; null: the newest.</summary>
    public string? After { get; init; }

    /// <summary>How many at most.</summary>
    public int CountMax { get; init; } = 50;

    /// <summary>Whether attempts decide, which are looked up for every request that is looked at.</summary>
    public bool AsksAttempts => Route is not null || Upstream is not null || UpstreamModel is not null || Failure is not null;

    /// <summary>Whether anything but time, organisation and place in the list decides.</summary>
    public bool AsksAnything => AsksAttempts || Team is not null || KeyId is not null || Model is not null || Protocol is not null || SessionId is not null
        || Outcome is not null || Status is not null || ErrorCode is not null || DurationMsMin is not null;
}

/// <summary>Some requests, the newest first.</summary>
/// <param name="Requests">Each with its attempts.</param>
/// <param name="Next">Asks for those before; null: there are none. A page may be short or empty and go on: a question looks at a bounded number of requests.</param>
/// <param name="LookedBackToMs">All that fit and arrived since this time (Unix milliseconds) are on this page or on those before it.</param>
public sealed record RequestPage(IReadOnlyList<RequestTrace> Requests, string? Next, long LookedBackToMs);

/// <summary>Finds requests among millions, in bounded time.</summary>
public interface IRequestStore
{
    /// <summary>One page. <see cref="StoreFaultKind.NotFound"/> where <see cref="RequestQuery.After"/> is no place in a list.</summary>
    ValueTask<StoreOutcome<RequestPage>> SearchAsync(RequestQuery query, CancellationToken cancellationToken);
}

/// <summary>A place in a list that is sorted by time, newest first: written into addresses, read back, and nothing to anybody else.</summary>
/// <param name="AtMs">Unix milliseconds.</param>
/// <param name="Id">What stands there.</param>
public readonly record struct ListPlace(long AtMs, string Id)
{
    private const int IdCharsMax = 200;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out ListPlace place)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        place = default;
        if (dot <= 0 || text.Length > IdCharsMax || !long.TryParse(text.AsSpan(0, dot), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var atMs))
            return false;
        place = new ListPlace(atMs, text[(dot + 1)..]);
        return true;
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{AtMs}.{Id}");
}
