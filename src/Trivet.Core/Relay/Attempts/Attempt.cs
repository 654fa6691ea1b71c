using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>One try of a request at one upstream, while it runs.</summary>
internal sealed class Attempt
{
    private LossList? _losses;

    public required string Id { get; init; }

    /// <summary>Position within its request, from 1.</summary>
    public required int Ordinal { get; init; }

    public required Offering Offering { get; init; }

    public required UpstreamState Upstream { get; init; }

    public required CredentialState? Credential { get; init; }

    /// <summary>Where it is sent, and in which protocol.</summary>
    public required EndpointConfig Endpoint { get; init; }

    /// <summary>The time provider's timestamp at sending.</summary>
    public required long StartedTimestamp { get; init; }

    /// <summary>Unix milliseconds at sending.</summary>
    public required long StartedMs { get; init; }

    /// <summary>Until the first content; the upstream's own limit, or what is learned of the offering where that is shorter and somebody else is left to ask.</summary>
    public required TimeSpan FirstContentLimit { get; init; }

    /// <summary>Where it is written down while it runs; see <see cref="Ledger.Spool.InFlightSlots"/>.</summary>
    public int Slot { get; set; } = Ledger.Spool.InFlightSlots.None;

    /// <summary>What was written there: its record as far as it was known before it was sent.</summary>
    public Metering.AttemptRecord? Described { get; set; }

    /// <summary>How far it has come: what a deadline that strikes now means.</summary>
    public AttemptStage Stage { get; set; }

    public int HttpStatus { get; set; }

    public long OutputBytes { get; set; }

    public long? TimeToFirstContentMs { get; set; }

    /// <summary>What the translation lost.</summary>
    public LossList Losses => _losses ??= new LossList();

    /// <summary>Stop sequences that the upstream does not keep and Trivet does in its stead; null for none.</summary>
    public IReadOnlyList<JsonText>? StopsKept { get; set; }

    /// <summary>The upstream may call tools in parallel though the client forbade it; Trivet lets the first call through.</summary>
    public bool KeepsSingleCall { get; set; }

    /// <summary>What the answer is held against before the client gets any of it.</summary>
    public AnswerDemands Demands { get; init; }

    /// <summary>What was left out of a body that otherwise passed through; empty for nothing.</summary>
    public string EditedOut { get; set; } = "";

    /// <summary>What was lost on either way, as <c>x-trivet-lost</c> says it; empty for nothing.</summary>
    public string Lost => _losses is null or { IsEmpty: true } ? EditedOut : EditedOut.Length == 0 ? _losses.ToString() : $"{EditedOut}, {_losses}";

    /// <summary>As much of it as the answer's header has told.</summary>
    public string LostTold { get; set; } = "";

    /// <summary>Its answer is looked at whole; null: only at what is known of it anyway.</summary>
    public AnswerSample? Sample { get; set; }

    /// <summary>Where the limits that the answer's headers tell are to be noted; null where they are not read this time.</summary>
    public Scorecards.Scorecard? NotesLimits { get; set; }

    /// <summary>The answer was a page that asks whether somebody is human.</summary>
    public bool IsChallenged { get; set; }

    /// <summary>The answer came whole and holds nothing.</summary>
    public bool IsEmptyAnswer { get; set; }

    /// <summary>Null when it went well.</summary>
    public Failure? Failure { get; set; }

    /// <summary>Client and upstream speak the same protocol, and the body goes through.</summary>
    public bool IsPassThrough { get; init; }
}

/// <summary>How far an attempt has come.</summary>
internal enum AttemptStage : byte
{
    Connecting,
    AwaitingContent,
    Streaming,
}
