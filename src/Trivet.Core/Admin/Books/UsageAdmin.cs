using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin.Books;

/// <summary>Usage for people: sums with names where the books have ids, and a total per currency.</summary>
public sealed class UsageAdmin(IUsageStore usage, IKeyStore keys)
{
    private static readonly IReadOnlyDictionary<string, string> NoNames = new Dictionary<string, string>();

    /// <summary>Answers a question to the books.</summary>
    public async ValueTask<StoreOutcome<UsageReport>> ReportAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(query, cancellationToken);
        if (known.Fault is { } fault)
            return fault;
        if (known.Value is not { } asked)
            return new UsageReport(query, [], NoNames, []);
        var lines = await usage.QueryAsync(asked, cancellationToken);
        return lines.Fault is { } linesFault ? linesFault : await NamedAsync(asked, lines.Value, cancellationToken);
    }

    /// <summary>Answers a question to the books with a drawing to it; by days, upstreams are drawn.</summary>
    /// <param name="query">The question, without steps.</param>
    /// <param name="stepMs">How long a step of the drawing is: hours or a multiple of them.</param>
    /// <param name="groupsMax">How many groups are drawn for themselves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<StoreOutcome<DrawnUsage>> ChartAsync(UsageQuery query, long stepMs, int groupsMax, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(query, cancellationToken);
        if (known.Fault is { } fault)
            return fault;
        if (known.Value is not { } asked)
            return new DrawnUsage(new UsageReport(query, [], NoNames, []), [], []);
        var chart = await usage.ChartAsync(asked, query.By == UsageGroup.Day ? UsageGroup.Upstream : query.By, stepMs, groupsMax, cancellationToken);
        if (chart.Fault is { } chartFault)
            return chartFault;
        var report = await NamedAsync(asked, chart.Value.Lines, cancellationToken);
        return report.Fault is { } namesFault ? namesFault : new DrawnUsage(report.Value, chart.Value.Groups, chart.Value.Costs);
    }

    // A maker's models by their names; null where there are none, which is no question to the books.
    private async ValueTask<StoreOutcome<UsageQuery?>> KnownAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        if (query.Maker is not { } maker)
            return query;
        var made = await ModelsOfAsync(maker, query, cancellationToken);
        return made.Fault is { } fault ? fault : StoreOutcome.Of<UsageQuery?>(made.Value.Count == 0 ? null : query with { Models = made.Value });
    }

    private async ValueTask<StoreOutcome<UsageReport>> NamedAsync(UsageQuery query, IReadOnlyList<UsageLine> lines, CancellationToken cancellationToken)
    {
        if (query.By != UsageGroup.Key)
            return new UsageReport(query, lines, NoNames, Totals(lines));
        var known = await keys.LoadAsync(cancellationToken);
        return known.Fault is { } fault ? fault : new UsageReport(query, lines, known.Value.Keys.ToDictionary(key => key.Id, key => key.Name, StringComparer.Ordinal), Totals(lines));
    }

    // Relays and clouds sell a maker's models too: by the names in the books, not by the upstream's vendor.
    private async ValueTask<StoreOutcome<IReadOnlyList<string>>> ModelsOfAsync(string maker, UsageQuery query, CancellationToken cancellationToken)
    {
        var asked = await usage.QueryAsync(query with { By = UsageGroup.Model, StepMs = 0 }, cancellationToken);
        if (asked.Fault is { } fault)
            return fault;
        return StoreOutcome.Of<IReadOnlyList<string>>([.. asked.Value.Select(line => line.Group).Distinct(StringComparer.Ordinal).Where(model => CatalogueAdmin.MakerOf(model)?.Name == maker)]);
    }

    private static List<UsageLine> Totals(IReadOnlyList<UsageLine> lines) => [.. lines.GroupBy(line => line.Currency).OrderBy(same => same.Key).Select(same => UsageReport.Sum("total", same))];
}

/// <summary>An answer of the books.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Lines">By group and currency.</param>
/// <param name="KeyNames">Key id → name, where the question was by key.</param>
/// <param name="Totals">One line per currency, the empty one for attempts without a price.</param>
public sealed record UsageReport(UsageQuery Query, IReadOnlyList<UsageLine> Lines, IReadOnlyDictionary<string, string> KeyNames, IReadOnlyList<UsageLine> Totals)
{
    /// <summary>Lines of one currency as one.</summary>
    internal static UsageLine Sum(string group, IEnumerable<UsageLine> lines)
    {
        var same = lines.ToList();
        return new UsageLine
        {
            Group = group,
            Currency = same[0].Currency,
            Attempts = same.Sum(line => line.Attempts),
            Failed = same.Sum(line => line.Failed),
            Estimated = same.Sum(line => line.Estimated),
            Unpriced = same.Sum(line => line.Unpriced),
            InputUncachedTokens = same.Sum(line => line.InputUncachedTokens),
            InputCacheReadTokens = same.Sum(line => line.InputCacheReadTokens),
            InputCacheWrite5mTokens = same.Sum(line => line.InputCacheWrite5mTokens),
            InputCacheWrite1hTokens = same.Sum(line => line.InputCacheWrite1hTokens),
            OutputTextTokens = same.Sum(line => line.OutputTextTokens),
            OutputReasoningTokens = same.Sum(line => line.OutputReasoningTokens),
            CostNano = same.Sum(line => line.CostNano),
            Listed = same.Sum(line => line.Listed),
            ListNano = same.Sum(line => line.ListNano),
            ChargedNano = same.Sum(line => line.ChargedNano),
        };
    }

    /// <summary>The group as a person knows it.</summary>
    public string NameOf(UsageLine line) => KeyNames.TryGetValue(line.Group, out var name) ? $"{name} ({line.Group})" : line.Group;
}

/// <summary>An answer of the books with a drawing to it.</summary>
/// <param name="Report">The answer.</param>
/// <param name="Groups">The dearest groups, the dearest first.</param>
/// <param name="Costs">What those, and all others together, cost in each step.</param>
public sealed record DrawnUsage(UsageReport Report, IReadOnlyList<string> Groups, IReadOnlyList<UsageCost> Costs);
