using Trivet.Core.Upstreams;

namespace Trivet.Core.Journal;

/// <summary>Where alarms go beside the journal.</summary>
public sealed record AlarmsConfig
{
    /// <summary>Where each alarm is posted; null: nowhere.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>With what posts are signed.</summary>
    public Secret? Secret { get; init; }
}
