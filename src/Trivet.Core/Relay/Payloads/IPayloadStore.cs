using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Payloads;

/// <summary>What a client sent and what it got, word for word, of a key whose payloads are recorded.</summary>
public sealed record RecordedPayload
{
    /// <summary>The request.</summary>
    public required string RequestId { get; init; }

    /// <summary>Whose.</summary>
    public required string Organisation { get; init; }

    /// <summary>Unix milliseconds, UTC, at its arrival.</summary>
    public required long AtMs { get; init; }

    /// <summary>Unix milliseconds: when it is deleted.</summary>
    public required long ExpiresMs { get; init; }

    /// <summary>The body that the client sent, as text; cut where it was longer than is kept.</summary>
    public required string Request { get; init; }

    /// <summary>How long that body was, bytes.</summary>
    public required long RequestBytes { get; init; }

    /// <summary>The body that the client got, a stream's events included; cut where it was longer than is kept.</summary>
    public required string Answer { get; init; }

    /// <summary>How long that was, bytes.</summary>
    public required long AnswerBytes { get; init; }
}

/// <summary>Where recorded payloads are. Implemented over SQL; expected trouble is a value.</summary>
public interface IPayloadStore
{
    /// <summary>Keeps them; one of a request that is there already is left as it is.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<RecordedPayload> payloads, CancellationToken cancellationToken);

    /// <summary>That of a request; <see cref="StoreFaultKind.NotFound"/> where none is kept, or no longer.</summary>
    ValueTask<StoreOutcome<RecordedPayload>> FindAsync(string requestId, long nowMs, CancellationToken cancellationToken);

    /// <summary>Deletes what has expired; returns how many.</summary>
    ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken);
}
