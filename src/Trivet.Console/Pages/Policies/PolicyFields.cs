using System.Globalization;
using System.Text;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Policies;

/// <summary>
/// A policy as the form has it: what most people set in fields of its own, the rest as the configuration file would say it. Kept is what the fields come to, a line that marks where they end, and the rest.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Aim">cheapest, fastest, best, or exchange.</param>
/// <param name="Second">What a second is worth, under exchange.</param>
/// <param name="Worth">What the whole of quality is worth.</param>
/// <param name="Quality">Floor, in percent.</param>
/// <param name="Availability">Floor, in percent.</param>
/// <param name="FirstContent">Floor, as a duration.</param>
/// <param name="PerMillion">Floor, money.</param>
/// <param name="WhenNone">refuse or relax.</param>
/// <param name="Regions">Where data may go, with commas between.</param>
/// <param name="Vendors">Who may be asked, with commas between.</param>
/// <param name="Rest">Everything else, as YAML.</param>
public sealed record PolicyFields(string Name, string Aim, string Second, string Worth, string Quality, string Availability, string FirstContent, string PerMillion, string WhenNone, string Regions, string Vendors, string Rest)
{
    private const string Exchange = "exchange";

    // Fallbacks stand in for availability, and for quality nothing does: what is given up first can be made good.
    private static readonly string[] RelaxOrder = ["availability", "first_content", "price_per_million", "quality"];

    /// <summary>A beginning for a new one.</summary>
    public static PolicyFields New { get; } = new("", "cheapest", "", "", "85", "90", "", "", "relax", "", "", "");

    internal static PolicyFields Of(SentForm form) => new(form["name"], form["aim"], form["second"], form["worth"], form["quality"], form["availability"], form["first_content"], form["per_million"], form["when_none"], form["regions"], form["vendors"], form["rest"]);

    /// <summary>Of one that is kept, to be changed. One that was not written by this form, or cannot be read, is all rest.</summary>
    public static PolicyFields Of(ConsoleRule rule, PolicyConfig? policy)
    {
        if (!RuleText.TrySplit(rule.Definition, out var rest) || policy is null)
            return new PolicyFields(rule.Name, "", "", "", "", "", "", "", "", "", "", rule.Definition);

        // What the fields come to, read by itself: what stands in the rest would be written twice by the next save.
        policy = ConsoleRules.Read(rule with { Definition = rule.Definition[..^rest.Length] }, new GatewayConfig()).Policy ?? policy;
        var floors = policy.Floors;
        return new PolicyFields(
            rule.Name, policy.Aim == PolicyAim.Exchange ? Exchange : policy.Aim.ToString().ToLowerInvariant(), Rate(policy.SecondNano), Rate(policy.QualityNano), Percent(floors.Quality), Percent(floors.Availability),
            floors.FirstContent is { } first ? $"{first.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}ms" : "", Money(floors.PerMillionNano), policy.WhenNone == Core.Routing.Policies.WhenNone.Relax ? "relax" : "refuse",
            string.Join(", ", floors.Regions), string.Join(", ", floors.Vendors), rest);
    }

    /// <summary>What is kept.</summary>
    public ConsoleRule Compose(string setBy)
    {
        var text = new StringBuilder();
        if (Aim == Exchange)
            text.AppendLine(CultureInfo.InvariantCulture, $"aim: {{ second: {Scalar(Second, "0")}, quality: {Scalar(Worth, "0")} }}");
        else if (Aim.Length > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"aim: {Scalar(Aim, "")}");
        (string Key, string Value)[] floors = [("quality", Share(Quality)), ("availability", Share(Availability)), ("first_content", FirstContent), ("price_per_million", PerMillion)];
        var set = floors.Where(floor => floor.Value.Length > 0).ToList();
        string[] said = [.. set.Select(floor => $"{floor.Key}: {Scalar(floor.Value, "")}"), .. List("regions", Regions), .. List("vendors", Vendors)];
        if (said.Length > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"floors: {{ {string.Join(", ", said)} }}");
        if (said.Length > 0 && WhenNone.Length > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"when_none: {Scalar(WhenNone, "")}");
        if (set.Count > 0 && WhenNone == "relax")
            text.AppendLine(CultureInfo.InvariantCulture, $"relax: [{string.Join(", ", RelaxOrder.Where(key => set.Exists(floor => floor.Key == key)))}]");
        if (text.Length > 0)
            text.AppendLine(RuleText.Mark);
        return new ConsoleRule(ConsoleRuleKind.Policy, Name, text.Append(Rest).ToString().ReplaceLineEndings("\n").TrimEnd()) { SetBy = setBy };
    }

    // 95 in the form is .95 in the file; what is no number goes on as it is, and is told by whoever reads the file.
    private static string Share(string percent) =>
        decimal.TryParse(percent.TrimEnd('%', ' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? (number / 100).ToString("0.######", CultureInfo.InvariantCulture) : percent;

    private static string Percent(double? share) => share is { } known ? (known * 100).ToString("0.####", CultureInfo.InvariantCulture) : "";

    // No rate is none; no floor is no floor, and a floor of 0 lets only what costs nothing through.
    private static string Money(long? nano) => nano is not { } known ? "" : (known / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Rate(long nano) => nano == 0 ? "" : Money(nano);

    private static string[] List(string key, string typed) =>
        typed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? [$"{key}: [{string.Join(", ", words.Select(RuleText.Scalar))}]"] : [];

    private static string Scalar(string typed, string otherwise) => RuleText.Scalar(typed.Length > 0 ? typed : otherwise);
}
