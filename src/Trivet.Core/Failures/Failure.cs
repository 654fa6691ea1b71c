using Trivet.Wire.Canonical;

namespace Trivet.Core.Failures;

/// <summary>One failure as a value: its kind, and what the upstream said where it said something.</summary>
public sealed record Failure(FailureKind Kind)
{
    /// <summary>What is particular to this case, for the client's eyes: never a secret, never an address of the operator's network. Null: the table's message alone.</summary>
    public string? Detail { get; init; }

    /// <summary>A code that clients of this protocol act on, in place of the table's; null: the table's.</summary>
    public string? Code { get; init; }

    /// <summary>The field of the request that is at fault, for protocols that name it; null where none is.</summary>
    public string? Param { get; init; }

    /// <summary>The upstream's own words.</summary>
    public WireError? UpstreamError { get; init; }

    /// <summary>The upstream's HTTP status; 0 where it sent none.</summary>
    public int UpstreamStatus { get; init; }

    /// <summary>How long the upstream asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For the log and the trace only: may name addresses and sockets.</summary>
    public string? Internal { get; init; }

    /// <summary>What the upstream says of the request is the client's to know; what it says of our credential or balance is not.</summary>
    public bool TellsUpstreamsWords => Rule.Fault != FaultSide.Gateway && Rule.Retry != RetryAdvice.OtherCredential;

    /// <summary>What follows from it.</summary>
    public FailureRule Rule => FailureTable.For(Kind);

    /// <summary>The error that the client gets, in no protocol's own words.</summary>
    public WireError ToWireError()
    {
        var speaks = UpstreamError is not null && TellsUpstreamsWords;
        return new WireError
        {
            Class = Rule.Class,
            Status = Rule.Status,
            Message = speaks ? $"{Rule.Message} It said: {UpstreamError!.Message}" : Detail is null ? Rule.Message : $"{Rule.Message} {Detail}",
            Code = speaks && UpstreamError!.Code is { Length: > 0 } code ? code : Code ?? Rule.Code,
            Param = UpstreamError?.Param ?? Param,
            RetryAfter = RetryAfter,
        };
    }
}
