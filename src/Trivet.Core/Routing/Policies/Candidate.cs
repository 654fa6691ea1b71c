using System.Runtime.InteropServices;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing.Policies;

/// <summary>
/// An offering as one decision sees it: what it is expected to come to, what it lacks, and where that puts it. Kept in an array that is used again, so that deciding allocates nothing for a candidate.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct Candidate
{
    public Offering Offering;
    public OfferingHealth Health;
    public OfferingMemory Memory;

    /// <summary>How it stands with health and audits.</summary>
    public Standing Standing;

    /// <summary>It can do what the request needs.</summary>
    public bool Covers;

    /// <summary>The probability that the attempt is answered.</summary>
    public double Availability;

    /// <summary>The probability that the answer passes the checks.</summary>
    public double Quality;

    /// <summary>The probability that people like the answer, by what they said of those for this task; where nobody has, what they said of the others.</summary>
    public double Approval;

    /// <summary>Seconds to the first content.</summary>
    public double FirstContent;

    /// <summary>Seconds until the answer is complete, failed attempts counted.</summary>
    public double Seconds;

    /// <summary>Expected cost in nano-units of the policy's currency, failed attempts counted; NaN where it is not known.</summary>
    public double CostNano;

    /// <summary>Prompt tokens that it counts for one of our estimate.</summary>
    public double InputRatio;

    /// <summary>Prompt tokens, as this upstream counts them.</summary>
    public double InputTokens;

    /// <summary>Of those, what is expected to be read from a warm cache.</summary>
    public double CachedTokens;

    /// <summary>Tokens that the answer is expected to have.</summary>
    public double OutputTokens;

    /// <summary>Pieces of the prompt's beginning that are warm here.</summary>
    public int WarmPieces;

    /// <summary>What of all this is a prior and not measured.</summary>
    public Evidence Unmeasured;

    /// <summary>Floors that it does not meet.</summary>
    public Floor Failed;

    /// <summary>How many floors the policy must give up before it is admitted; <see cref="Never"/> where that does not help.</summary>
    public byte Level;

    /// <summary>Its place among what the operator prefers for the task; the smaller the better.</summary>
    public byte TaskRank;

    /// <summary>The tokens that it has got of late; under a policy that balances.</summary>
    public double Load;

    /// <summary>It has more than its share of the load.</summary>
    public bool IsOverShare;

    /// <summary>The conversation was answered here last.</summary>
    public bool IsIncumbent;

    /// <summary>What the aim makes of it; the smaller the better.</summary>
    public double Loss;

    /// <summary>Health, floors and preferences in one number: compared before <see cref="Loss"/>.</summary>
    public uint Rank;

    public const byte Never = byte.MaxValue;
}

/// <summary>What is known of an offering, kind by kind.</summary>
[Flags]
internal enum Evidence : byte
{
    None = 0,
    Availability = 1,
    Quality = 2,
    FirstContent = 4,
    Speed = 8,
    Output = 16,
    Price = 32,
}

/// <summary>How an offering stands, the better first.</summary>
internal enum Standing : byte
{
    Well,

    /// <summary>More of its plan is used than the time allows.</summary>
    Ahead,

    /// <summary>It has been out often over the last hours.</summary>
    Unsteady,

    /// <summary>Signs are that its vendor is about to cut it off.</summary>
    Warned,

    /// <summary>An audit found it suspicious.</summary>
    DownWeighted,

    /// <summary>The last that is known of it is a failure, a while ago.</summary>
    Doubtful,

    /// <summary>What it said is left of its limit, or what is left of its plan, is less than the request needs.</summary>
    Limited,

    /// <summary>It has just failed, or is down.</summary>
    Resting,

    /// <summary>An audit found that it serves something else than it sells.</summary>
    Quarantined,
}
