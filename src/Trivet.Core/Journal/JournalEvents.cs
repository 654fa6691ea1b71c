namespace Trivet.Core.Journal;

/// <summary>What Trivet writes by itself, in plain sentences.</summary>
public static class JournalEvents
{
    /// <summary>Nodes notice one outage within minutes of each other; one that comes back and goes again within this time is still the same.</summary>
    public static readonly TimeSpan OutageMerge = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ReloadMerge = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BudgetMerge = TimeSpan.FromHours(12);
    private static readonly TimeSpan BrokenMerge = TimeSpan.FromHours(12); // every node finds it, and finds it again when it starts

    /// <summary>An offering has failed too often.</summary>
    public static JournalEntry OutageBegins(string offering, int failures, long atMs) =>
        JournalEntry.Noticed(JournalKinds.OutageBegins, offering, atMs, OutageMerge, $"{offering} is down") with
        {
            Text = $"{failures} attempts failed in a row. Requests go elsewhere where they can; it is asked in the background until it answers.",
        };

    /// <summary>It answers again.</summary>
    public static JournalEntry OutageEnds(string offering, long seconds, long atMs) =>
        JournalEntry.Noticed(JournalKinds.OutageEnds, offering, atMs, OutageMerge, $"{offering} answers again after {Span(seconds)}") with
        {
            Evidence = new Dictionary<string, string>(StringComparer.Ordinal) { ["seconds"] = seconds.ToString(null, null) },
        };

    /// <summary>The configuration file was read again.</summary>
    /// <param name="hash">Of its text.</param>
    /// <param name="upstreams">How many it names.</param>
    /// <param name="routes">How many it names.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry ConfigurationReloaded(string hash, int upstreams, int routes, long atMs) =>
        JournalEntry.Noticed(JournalKinds.ConfigurationReloaded, hash[..Math.Min(12, hash.Length)].ToLowerInvariant(), atMs, ReloadMerge, $"A new configuration is in force: {upstreams} upstreams, {routes} routes") with
        {
            Tags = JournalEntry.TagsOf([JournalKinds.ConfigurationReloaded]),
        };

    /// <summary>Requests of a key were refused because a budget is spent.</summary>
    /// <param name="organisation">Whose key.</param>
    /// <param name="key">Its name.</param>
    /// <param name="which">Which budget, as the client was told.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry BudgetSpent(string organisation, string key, string which, long atMs) =>
        JournalEntry.Noticed(JournalKinds.BudgetSpent, $"{organisation}/{key}", atMs, BudgetMerge, $"A budget of {key} ({organisation}) is spent") with
        {
            Text = $"{which} Its requests are refused until the budget's window ends or somebody raises it.".TrimStart(),
        };

    /// <summary>Somebody made, changed or removed a policy or a route in the console, or said how audits are made.</summary>
    /// <param name="kind">policy, route or audits.</param>
    /// <param name="name">Its name.</param>
    /// <param name="what">made, changed or removed.</param>
    /// <param name="by">Who.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry RuleChanged(string kind, string name, string what, string by, long atMs) =>
        JournalEntry.Event(JournalKinds.RuleChanged, name, $"{kind}\n{what}\n{atMs}", atMs, kind == name ? $"What is said of {kind} was {what} in the console" : $"The {kind} {name} was {what} in the console") with { Author = by };

    /// <summary>What the console made and was in order has become wrong.</summary>
    /// <param name="kind">policy, route or audits.</param>
    /// <param name="name">Its name.</param>
    /// <param name="problems">What is wrong, in sentences.</param>
    /// <param name="atMs">When it was found.</param>
    public static JournalEntry RuleBroken(string kind, string name, IReadOnlyList<string> problems, long atMs) =>
        JournalEntry.Noticed(JournalKinds.RuleBroken, name, atMs, BrokenMerge, kind == name ? $"What the console says of {kind} is no longer in order" : $"The {kind} {name} of the console is no longer in order") with
        {
            Text = JournalEntry.Cut(string.Join('\n', problems.Select(problem => $"- {problem}")), JournalEntry.TextCharsMax),
        };

    /// <summary>Somebody made, changed, switched or removed an upstream in the console.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="what">made, changed, switched off, switched on or removed.</param>
    /// <param name="by">Who.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry UpstreamChanged(string name, string what, string by, long atMs) =>
        JournalEntry.Event(JournalKinds.UpstreamChanged, name, $"{what}\n{atMs}", atMs, $"The upstream {name} was {what} in the console") with { Author = by };

    /// <summary>Somebody made, changed, rotated or revoked a key.</summary>
    /// <param name="organisation">Whose it is.</param>
    /// <param name="key">Its name.</param>
    /// <param name="what">made, changed, rotated or revoked.</param>
    /// <param name="parts">What was set, without what it says.</param>
    /// <param name="by">Who.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry KeyChanged(string organisation, string key, string what, IReadOnlyList<string> parts, string by, long atMs) =>
        JournalEntry.Event(JournalKinds.KeyChanged, $"{organisation}/{key}", $"{what}\n{atMs}", atMs, $"The key {key} ({organisation}) was {what}") with
        {
            Author = by,
            Tags = JournalEntry.TagsOf([JournalKinds.KeyChanged, what, organisation]),
            Text = parts.Count == 0 ? "" : $"Set: {string.Join(", ", parts)}.",
        };

    private static string Span(long seconds) => seconds < 120 ? $"{seconds} seconds" : seconds < 7200 ? $"{seconds / 60} minutes" : $"{seconds / 3600} hours";
}
