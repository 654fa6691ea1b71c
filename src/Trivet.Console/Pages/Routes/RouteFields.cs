using System.Globalization;
using System.Text;
using Trivet.Core.Routing;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.WebConsole.Pages.Policies;

namespace Trivet.WebConsole.Pages.Routes;

/// <summary>A route as the form has it: its candidates a line each, the rest as the configuration file would say it. Kept is what the fields come to, a line that marks where they end, and the rest.</summary>
/// <param name="Name">What clients ask for.</param>
/// <param name="Policy">Who goes first.</param>
/// <param name="Candidates">Lines of <c>upstream/model</c>, or <c>upstream/model weight</c>.</param>
/// <param name="Rest">Everything else, as YAML.</param>
public sealed record RouteFields(string Name, string Policy, string Candidates, string Rest)
{
    /// <summary>Of one that is kept, to be changed. One that cannot be read is all rest.</summary>
    public static RouteFields Of(ConsoleRule rule, RouteConfig? route)
    {
        return !RuleText.TrySplit(rule.Definition, out var rest) || route is null or { Broken: not null, Candidates.Count: 0 }
            ? new RouteFields(rule.Name, "", "", rule.Definition)
            : new RouteFields(rule.Name, route.Policy, Lines(route.Candidates.Select(candidate => (candidate.Upstream, candidate.Model, candidate.Weight))), rest);
    }

    /// <summary>Of a name that no route has yet: who serves it now.</summary>
    public static RouteFields Of(ResolvedRoute route) => new(route.Name, route.Policy, Lines(route.Candidates.Select(offering => (offering.Upstream.Name, offering.Model, offering.Weight))), "");

    /// <summary>What is kept.</summary>
    public ConsoleRule Compose(string setBy)
    {
        var text = new StringBuilder();
        if (Policy.Length > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"policy: {Scalar(Policy)}");
        var lines = Candidates.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 0)
            text.AppendLine("candidates:");
        foreach (var line in lines)
        {
            var (upstream, rest) = line.Split('/', 2) is [var first, var second] ? (first, second) : (line, "");
            var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isWeighted = words.Length > 1 && int.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            var model = isWeighted ? string.Join(' ', words[..^1]) : rest;
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {{ upstream: {Scalar(upstream)}{(model.Length > 0 ? $", model: {Scalar(model)}" : "")}{(isWeighted ? $", weight: {words[^1]}" : "")} }}");
        }

        if (text.Length > 0)
            text.AppendLine(RuleText.Mark);
        return new ConsoleRule(ConsoleRuleKind.Route, Name, text.Append(Rest).ToString().ReplaceLineEndings("\n").TrimEnd()) { SetBy = setBy };
    }

    private static string Lines(IEnumerable<(string Upstream, string Model, int Weight)> candidates) =>
        string.Join('\n', candidates.Select(candidate => candidate.Weight == 1 ? $"{candidate.Upstream}/{candidate.Model}" : $"{candidate.Upstream}/{candidate.Model} {candidate.Weight}"));

    private static string Scalar(string typed) => RuleText.Scalar(typed);
}
