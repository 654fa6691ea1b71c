using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Routing;
using Trivet.Core.Yaml;

namespace Trivet.Core.Audits.Items;

/// <summary>What may be an item, how its answers are judged, and whom it is asked of. Pure.</summary>
public static class OwnItems
{
    // Without backtracking an expression takes time in proportion to the text, so that no answer can hold an audit up.
    private const RegexOptions Expression = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    /// <summary>The judges as they are written.</summary>
    public static IReadOnlyDictionary<string, ItemJudge> Judges { get; } = Shapes.Words<ItemJudge>();

    /// <summary>A judge as it is written.</summary>
    public static string Word(ItemJudge judge) => Judges.First(pair => pair.Value == judge).Key;

    /// <summary>The text that the user ends with.</summary>
    public static string Question(OwnItem item) => item.Turns[^1].Text;

    /// <summary>Why an item cannot be taken; null where it can.</summary>
    public static string? ProblemOf(OwnItem item)
    {
        if (item.Turns.Count == 0 || !item.Turns[^1].IsUser || item.Turns.Any(turn => turn.Text.Trim().Length == 0))
            return "An item is a conversation in which nobody says nothing and the user has the last word.";
        if (item.Expect.Count == 0)
            return $"Say what a right answer has: {string.Join(", ", Judges.Keys)}.";
        if (item.TokensMax is < 1 or > OwnItem.AnswerTokensMax)
            return $"An answer has from 1 to {OwnItem.AnswerTokensMax} tokens.";
        if (Length(item) > OwnItem.CharsMax)
            return $"An item has at most {OwnItem.CharsMax} characters, what is expected included; this one has {Length(item)}.";
        return item.Models.Any(model => model.Trim().Length == 0) ? "A model's name is empty." : item.Expect.Select(ProblemOf).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>Whether an item is asked of a model.</summary>
    public static bool IsFor(OwnItem item, string model) => item.Models.Count == 0 || item.Models.Any(pattern => new ModelPattern(pattern).IsMatch(model));

    /// <summary>Whether a text has all that is expected. An empty one is wrong.</summary>
    public static bool IsRight(OwnItem item, string text) => text.Trim().Length > 0 && item.Expect.All(expected => Has(text, expected));

    /// <summary>With the id that follows from its content.</summary>
    internal static OwnItem Identified(OwnItem item)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new { item.System, item.Turns, item.Expect });
        return item with { Id = "itm_" + Convert.ToHexStringLower(SHA256.HashData(content))[..20] };
    }

    internal static ProbeQuestion Probe(OwnItem item) => new(Question(item), item.TokensMax)
    {
        System = item.System,
        Temperature = 0,
        Earlier = [.. item.Turns.SkipLast(1)],
    };

    private static int Length(OwnItem item) => (item.System?.Length ?? 0) + item.Turns.Sum(turn => turn.Text.Length) + item.Expect.Sum(expected => expected.Value.Length);

    private static bool Has(string text, ItemExpectation expected) => expected.Judge switch
    {
        ItemJudge.Contains => text.Contains(expected.Value, StringComparison.OrdinalIgnoreCase),
        ItemJudge.Lacks => !text.Contains(expected.Value, StringComparison.OrdinalIgnoreCase),
        ItemJudge.Equals => text.Trim() == expected.Value.Trim(),
        ItemJudge.LastLine => Judge.LastLineIs(new ProbeAnswer { Text = text }, expected.Value),
        ItemJudge.Number => TryNumber(expected.Value, out var number) && Judge.LastNumberIs(new ProbeAnswer { Text = text }, number),
        ItemJudge.Matches => Regex.IsMatch(text, expected.Value, Expression),
        _ => Judge.JsonObject(text) is { } found && JsonNode.DeepEquals(found, Parse(expected.Value)),
    };

    private static string? ProblemOf(ItemExpectation expected) => expected.Judge switch
    {
        _ when expected.Value.Trim().Length == 0 => $"'{Word(expected.Judge)}' needs a value.",
        ItemJudge.Number when !TryNumber(expected.Value, out _) => $"'number' takes a whole number, not '{expected.Value}'.",
        ItemJudge.Matches when !IsExpression(expected.Value) => "'matches' takes a regular expression that needs no backtracking (no look-around, no references).",
        ItemJudge.Json when Parse(expected.Value) is not JsonObject => "'json' takes a JSON object.",
        _ => null,
    };

    private static bool TryNumber(string text, out long number) => long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsExpression(string pattern)
    {
        try
        {
            return new Regex(pattern, Expression).GetGroupNumbers().Length > 0;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
