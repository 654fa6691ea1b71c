using System.Text.Json.Nodes;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Limits;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>The section <c>audits:</c>.</summary>
internal static class AuditShapes
{
    private static readonly Dictionary<string, AuditAction> ActionWords = new(StringComparer.Ordinal)
    {
        ["note"] = AuditAction.Note,
        ["alarm"] = AuditAction.Alarm,
        ["down-weight"] = AuditAction.DownWeight,
        ["quarantine"] = AuditAction.Quarantine,
    };

    public static Shape<Placed<AuditsConfig>> Keys { get; } = new PlacedShape<AuditsConfig>(new ObjectShape<AuditsConfig>(() => new AuditsConfig())
        .Key("enabled", "true: offerings are audited on a schedule, which costs the probe budget. Default false.", Shapes.Bool, (audits, value) => audits with { IsEnabled = value })
        .Key("every", "How often an offering is audited that has long been clean; one that is new or suspicious up to eight times as often. Default 24h.", Shapes.Duration, (audits, value) => audits with { Every = value })
        .Key("budget", "What the audits of one upstream may cost in a day (UTC), their reference's requests included, for each currency in which upstreams bill. Default 0.05USD, 0.35CNY.", Budgets(), (audits, value) => audits with { Budgets = value })
        .Key("references", "Whom a model is held against: its name or a pattern, and the upstream (the vendor itself, say) as upstream or upstream/model.", new MapShape<string>(Shapes.Text), (audits, value) => audits with { References = value })
        .Key("upstreams", "The upstreams that are audited. Default: all but the sandbox.", new ListShape<string>(Shapes.Text), (audits, value) => audits with { Upstreams = value })
        .Key("read_answers", "true: of the answers that passive checks look at whole, numbers are kept (of no text) that tell how they are written; where that changes, an audit comes sooner. Default false.", Shapes.Bool, (audits, value) => audits with { ReadsAnswers = value })
        .Key("false_alarms", "Of the offerings in quarantine, at most this share is honest, on average. Default 0.01.", Rate(), (audits, value) => audits with { FalseAlarmMillionths = value })
        .Key("actions", "What may follow from evidence: note, alarm, down-weight, quarantine. Default all four.", new ListShape<AuditAction>(Shapes.Word(ActionWords)), (audits, value) => audits with { Actions = value }));

    /// <summary>Checks the section against the upstreams.</summary>
    public static AuditsConfig Build(Placed<AuditsConfig>? written, IEnumerable<string> known, ReadContext context)
    {
        if (written is not { } audits)
            return new AuditsConfig();
        var names = known.Append(BuiltInSandbox.Vendor).ToHashSet(StringComparer.Ordinal);
        foreach (var name in audits.Value.Upstreams.Concat(audits.Value.References.Values.Select(reference => reference.Split('/', 2)[0])).Distinct(StringComparer.Ordinal))
        {
            if (!names.Contains(name))
                context.Problem(audits.Place, $"audits names the upstream '{name}', which is not there{Nearest.Hint(name, names)}");
        }

        return audits.Value with { IsWritten = true };
    }

    private static ScalarShape<IReadOnlyList<Budget>> Budgets() => new(
        "amounts with their currency such as 0.05USD or 0.05USD, 0.35CNY",
        text => (Budget.TryParseList(text, out var budgets) && budgets.Count > 0 && budgets.All(budget => budget is { Window: BudgetWindow.Total, AmountNano: > 0 }), budgets),
        () => new JsonObject { ["type"] = "string" });

    private static ScalarShape<long> Rate() => new(
        "a share above 0 and up to 0.2",
        text => (Shapes.TryDecimal(text, 6, out var millionths) && millionths is > 0 and <= 200_000, millionths),
        () => new JsonObject { ["type"] = new JsonArray("number", "string") });
}
