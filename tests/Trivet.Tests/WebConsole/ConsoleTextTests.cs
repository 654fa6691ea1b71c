using System.Text.RegularExpressions;
using Trivet.WebConsole.Texts;

namespace Trivet.Tests.WebConsole;

/// <summary>Every string of the console is in its resources, in every language.</summary>
public sealed partial class ConsoleTextTests
{
    private static readonly string Sources = Path.Combine(Root(), "src", "Trivet.Console");

    // Names that stand in the same words in every language.
    private static readonly string[] Proper = ["Trivet", "CSV"];

    [Fact]
    public void Every_string_is_there_in_every_language_and_not_empty()
    {
        var all = Language.All.SelectMany(TextCatalogue.Names).Distinct().ToList();

        Assert.NotEmpty(all);
        Assert.Empty(from language in Language.All from name in all where string.IsNullOrWhiteSpace(TextCatalogue.Find(language, name)) select $"{name} ({language.Code})");
    }

    [Fact]
    public void A_string_has_the_same_places_to_fill_in_every_language() => Assert.Empty(
        from name in TextCatalogue.Names(Language.English)
        where !Places(TextCatalogue.Find(Language.English, name)!).SetEquals(Places(TextCatalogue.Find(Language.Chinese, name) ?? ""))
        select name);

    [Fact]
    public void Every_string_that_is_asked_for_by_name_is_there()
    {
        var names = TextCatalogue.Names(Language.English).ToHashSet();

        // A name that is put together is known by its beginning: T["state." + tone].
        Assert.Empty(
            from file in Directory.EnumerateFiles(Sources, "*", SearchOption.AllDirectories)
            where file.EndsWith(".razor", StringComparison.Ordinal) || (file.EndsWith(".cs", StringComparison.Ordinal) && !IsBuilt(file))
            from Match asked in AskedNames().Matches(File.ReadAllText(file))
            let name = asked.Groups["name"].Value
            where asked.Groups["more"].Success ? !names.Any(known => known.StartsWith(name, StringComparison.Ordinal)) : !names.Contains(name)
            select $"{Path.GetFileName(file)}: {name}");
    }

    [Fact]
    public void No_words_are_written_in_a_component() => Assert.Empty(
        from file in Directory.EnumerateFiles(Sources, "*.razor", SearchOption.AllDirectories)
        from words in RazorWords.Find(File.ReadAllText(file))
        where !Proper.Contains(words.Trim(' ', '·'))
        select $"{Path.GetFileName(file)}: {words}");

    [Theory]
    [InlineData("<p>Hello you</p>", "Hello you")]
    [InlineData("<p>@T[\"a.b\"] · 5 %</p>", null)]
    [InlineData("<img alt=\"A cat\">", "A cat")]
    [InlineData("<input placeholder=\"@T[\"a\"]\" value=\"@(a > b ? \"x\" : y)\">", null)]
    [InlineData("@if (a < b)\n{\n  <p>Lost</p>\n}\n@code {\n  string s = \"<p>words</p>\";\n}", "Lost")]
    [InlineData("<code>trivet users link</code><pre>ls</pre>", null)]
    public void The_finder_of_words_finds_those_that_people_read(string razor, string? words) =>
        Assert.Equal(words is null ? [] : [words], RazorWords.Find(razor));

    [Theory]
    [InlineData(null, null, "en")]
    [InlineData(null, "zh-CN,zh;q=0.9,en;q=0.8", "zh")]
    [InlineData(null, "de-DE,de;q=0.9,zh;q=0.1", "zh")]
    [InlineData(null, "fr", "en")]
    [InlineData("en", "zh-CN", "en")]
    [InlineData("zh", "en", "zh")]
    [InlineData("<script>", "zh;q=x", "en")]
    public void The_language_is_the_one_that_was_chosen_or_else_the_browsers(string? cookie, string? accepted, string code) => Assert.Equal(code, Language.Choose(cookie, accepted).Code);

    [Fact]
    public void Numbers_times_and_money_are_written_as_a_reader_of_the_language_reads_them()
    {
        var now = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
        var english = new ConsoleText(Language.English, TimeZoneInfo.Utc, now);
        var chinese = new ConsoleText(Language.Chinese, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), now);

        Assert.Equal(["12.3 k", "4.5 M", "999", "1,234"], new[] { 12_300.0, 4_500_000, 999, 1_234 }.Select(english.Short).Select(Spaced));
        Assert.Equal(["1.23 万", "3.4 亿"], new[] { 12_300.0, 340_000_000 }.Select(chinese.Short).Select(Spaced));
        Assert.Equal(["$1,234.50", "$0.00123", "−$0.500", "0", "12.00 GBP"], [english.Money(1_234_500_000_000, "USD"), english.Money(1_230_000, "USD"), english.Money(-500_000_000, "USD"), english.Money(0, ""), Spaced(english.Money(12_000_000_000, "GBP"))]);
        Assert.Equal(["99.98 %", "97.5 %", "50 %", "100 %", "−8.4 %", "unknown"], new[] { .9998, .975, .5, 1, -.084, double.NaN }.Select(english.Percent).Select(Spaced));
        Assert.Equal("30 Nov 10:00", english.Time(now.AddHours(-2)));
        Assert.Equal("11月30日 18:00", chinese.Time(now.AddHours(-2)));
        Assert.Equal("2025年12月1日", chinese.Day(now.AddDays(-364)));
        Assert.Equal("2 h ago", Spaced(english.Ago(now.AddHours(-2))));
        Assert.Equal("2 小时前", Spaced(chinese.Ago(now.AddHours(-2))));
    }

    [Fact]
    public void A_number_and_its_unit_are_never_on_two_lines()
    {
        var text = new ConsoleText(Language.English, TimeZoneInfo.Utc, new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));

        var written = new[] { text.Percent(.975), text.Short(12_300), text.Money(12_000_000_000, "GBP") }
            .Concat(new[] { .2, 5, 60, 600, 9_000, 900_000 }.Select(seconds => text.Span(TimeSpan.FromSeconds(seconds))));

        Assert.All(written, one => Assert.DoesNotContain(' ', one));
    }

    // As a reader sees it.
    private static string Spaced(string text) => text.Replace('\u00a0', ' ');

    private static HashSet<string> Places(string text) => [.. FilledPlaces().Matches(text).Select(match => match.Value)];

    private static bool IsBuilt(string file) => file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    internal static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Trivet.slnx")))
            at = at.Parent ?? throw new InvalidOperationException("Trivet.slnx is in no folder above the tests");
        return at.FullName;
    }

    [GeneratedRegex("""\{\d+\}""")]
    private static partial Regex FilledPlaces();

    [GeneratedRegex("""(?:\bT|\bText|\btext)\[\$?"(?<name>[a-z_]+\.[A-Za-z0-9_.-]*)(?:"(?<more>\s*\+)?|(?<more>\{))""", RegexOptions.ExplicitCapture)]
    private static partial Regex AskedNames();
}
