using Microsoft.Extensions.Logging;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Failures;

/// <summary>What follows from one kind of failure.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Status">HTTP status that the client gets, where nothing was sent yet.</param>
/// <param name="Class">The sort of error, which each protocol names in its own word.</param>
/// <param name="Code">Stable code for programs; never changes once released.</param>
/// <param name="Retry">What may be tried next.</param>
/// <param name="Fault">Whose fault it is.</param>
/// <param name="Bill">Whether what the upstream reported is billed to the key.</param>
/// <param name="Scorecard">What it says about the upstream.</param>
/// <param name="Level">How loudly it is logged.</param>
/// <param name="Message">What people are told; says what to do next where there is something to do.</param>
public sealed record FailureRule(
    FailureKind Kind,
    int Status,
    ErrorClass Class,
    string Code,
    RetryAdvice Retry,
    FaultSide Fault,
    BillAdvice Bill,
    ScorecardEffect Scorecard,
    LogLevel Level,
    string Message);

/// <summary>What may be tried after a failure.</summary>
public enum RetryAdvice : byte
{
    /// <summary>Nothing: the same would fail everywhere.</summary>
    Never,

    /// <summary>Another candidate; not this one again.</summary>
    Elsewhere,

    /// <summary>This upstream once more, with another credential if it has one; then another candidate.</summary>
    OtherCredential,

    /// <summary>The same offering once more after a short pause, then another candidate.</summary>
    HereOnce,

    /// <summary>Another candidate; where there is none, the same offering once more after a short pause.</summary>
    ElsewhereElseHere,

    /// <summary>The same offering at once, with all that only an issuer of thoughts can read left out; then another candidate.</summary>
    HereWithoutThoughts,

    /// <summary>The same offering at once, told what was wrong with its answer; then another candidate.</summary>
    HereToldWhy,

    /// <summary>Wait as long as the upstream asks where that is short, then the same offering; else another candidate.</summary>
    AfterWait,

    /// <summary>A candidate with a larger context.</summary>
    LargerContext,
}

/// <summary>Whose fault a failure is.</summary>
public enum FaultSide : byte
{
    /// <summary>Nobody's.</summary>
    None,

    /// <summary>The client's.</summary>
    Client,

    /// <summary>The operator's: configuration, credentials, balance.</summary>
    Operator,

    /// <summary>The upstream's.</summary>
    Upstream,

    /// <summary>Trivet's.</summary>
    Gateway,
}

/// <summary>Whether a failed attempt costs the key anything.</summary>
public enum BillAdvice : byte
{
    /// <summary>Nothing was served.</summary>
    Nothing,

    /// <summary>What reached the client counts, estimated where the upstream did not say.</summary>
    WhatWasServed,
}

/// <summary>What a failure says about the offering.</summary>
public enum ScorecardEffect : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is not available.</summary>
    Unavailable,

    /// <summary>Its credential is limited, the offering is not down.</summary>
    Limited,

    /// <summary>Its answers are broken.</summary>
    Broken,

    /// <summary>It is slow.</summary>
    Slow,
}
