using Trivet.Core.Journal;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>The section <c>alarms:</c>.</summary>
internal static class AlarmShapes
{
    public static Shape<Placed<AlarmsConfig>> Keys { get; } = new PlacedShape<AlarmsConfig>(new ObjectShape<AlarmsConfig>(() => new AlarmsConfig())
        .Key("webhook", "Where each alarm is posted as JSON, signed. Default: nowhere; alarms are in the journal either way.", Shapes.HttpUrl, (alarms, value) => alarms with { Webhook = value })
        .Key("secret", "With what posts are signed (HMAC-SHA256); needed with a webhook. ${NAME} takes it from the environment.", UpstreamShapes.Secret, (alarms, value) => alarms with { Secret = value }));

    /// <summary>Checks the section against itself.</summary>
    public static AlarmsConfig Build(Placed<AlarmsConfig>? written, ReadContext context)
    {
        if (written is not { } alarms)
            return new AlarmsConfig();
        if (alarms.Value is { Webhook: not null, Secret: null })
            context.Problem(alarms.Place, "alarms needs the key 'secret' beside 'webhook': whoever receives alarms has to know that they are yours");
        return alarms.Value;
    }
}
