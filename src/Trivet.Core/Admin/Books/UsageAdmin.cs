using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin.Books;

/// <summary>Usage for people: sums with names where the books have ids, and a total per currency.</summary>
public sealed class UsageAdmin(IUsageStore usage, IKeyStore keys)
{
    /// <summary>Answers a question to the books.</summary>
    public async ValueTask<StoreOutcome<UsageReport>> ReportAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        if (query.Maker is { } maker)
        {
            var made = await ModelsOfAsync(maker, query, cancellationToken);
            if (made.Fault is { } makerFault)
                return makerFault;
            if (made.Value.Count == 0)
                return new UsageReport(query, [], new Dictionary<string, string>(), []);
            query = query with { Models = made.Value };
        }

        var lines = await usage.QueryAsync(query, cancellationToken);
        if (lines.Fault is { } fault)
            return fault;
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (query.By == UsageGroup.Key)
        {
            var known = await keys.LoadAsync(cancellationToken);
            if (known.Fault is { } keyFault)
                return keyFault;
            foreach (var key in known.Value.Keys)
                names[key.Id] = key.Name;
        }

        return new UsageReport(query, lines.Value, names, Totals(lines.Value));
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
    /// <summary>The lines of a question for steps without them: one per group and currency, from the same look at the books.</summary>
    public IReadOnlyList<UsageLine> Whole() => [.. Lines.GroupBy(line => (line.Group, line.Currency)).Select(same => Sum(same.Key.Group, same))];

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
