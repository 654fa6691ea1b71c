using System.Reflection;
using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire;

/// <summary>The loss table of docs/wire.md is made from the rules that the writers declare.</summary>
public sealed class LossTableTests
{
    private const string Begin = "<!-- losses: made from the LossRules in src/Trivet.Wire; see LossTableTests -->\n";
    private const string End = "<!-- /losses -->\n";
    private const string Regenerate = "TRIVET_REGENERATE=1 dotnet run --project tests/Trivet.Tests -- -class Trivet.Tests.Wire.LossTableTests";

    [Fact]
    public void The_loss_table_of_the_docs_is_that_of_the_code()
    {
        var path = Path.Combine(Root(), "docs", "wire.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "docs/wire.md has lost the marks of its loss table");
        var table = Table();
        if (Environment.GetEnvironmentVariable("TRIVET_REGENERATE") == "1")
            File.WriteAllText(path, text[..begin] + table + text[end..]);
        else
            Assert.True(text[begin..end] == table, $"docs/wire.md is out of date; make it anew with\n{Regenerate}");
    }

    [Fact]
    public void Every_rule_says_which_field_and_why() => Assert.All(Rules(), rule =>
    {
        Assert.NotEmpty(rule.Field);
        Assert.EndsWith(".", rule.Why);
    });

    private static string Table()
    {
        var text = new StringBuilder();
        foreach (var target in Rules().GroupBy(rule => rule.Target).OrderBy(group => group.Key))
        {
            text.Append($"\n### To {target.Key}\n\n| field | what becomes of it | bounds the answer | why |\n| --- | --- | --- | --- |\n");
            foreach (var rule in target.OrderBy(rule => rule.Field, StringComparer.Ordinal).ThenBy(rule => rule.Why, StringComparer.Ordinal))
                text.Append($"| `{rule.Field}` | {rule.Effect.ToString().ToLowerInvariant()} | {(rule.Bounds ? "yes" : "")} | {rule.Why} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static List<LossRule> Rules() => [.. typeof(LossRule).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("Losses", StringComparison.Ordinal))
        .Select(type => type.GetProperty("All", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<IReadOnlyList<LossRule>>().SelectMany(rules => rules)];

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")))
            folder = folder.Parent;
        return folder!.FullName;
    }
}
