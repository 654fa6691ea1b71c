using System.Text.RegularExpressions;
using Trivet.Tests.Audits.Checks;
using Trivet.WebConsole.Pages.Audits;
using Trivet.WebConsole.Texts;

namespace Trivet.Tests.WebConsole;

/// <summary>What audits say is read in Chinese, too: figures and quotations where they belong.</summary>
public sealed partial class AuditWordsTests
{
    private static readonly ConsoleText Chinese = new(Language.Chinese, TimeZoneInfo.Utc, default);

    // What is said to the model stands among them.
    private static readonly string[] Prompts = ["Done.", "Saves a record."];

    [Theory]
    [InlineData("3 of 40 blocks came back changed. Sent: a.example Came back: b.example", "40 个文本块中有 3 个返回时被改动。 发送：a.example 返回：b.example")]
    [InlineData("12 random strings held against 300 of the reference (it thinks first, so that there is no first word).", "12 个随机串与对照的 300 个相比（它先思考，没有首词可比）。")]
    [InlineData("After 1 audit a bet against its honesty stands at 0.3 to 1: nothing follows from that.", "1 次审计之后，押注其不诚实的赌注为 0.3 比 1：由此不能得出什么。")]
    [InlineData("After 5 audits a bet against its honesty stands at 10^7 to 1; it is in quarantine. A limit of 64 tokens was billed as up to 96.", "5 次审计之后，押注其不诚实的赌注为 10^7 比 1；已隔离。上限为 64 个 token 的回答，最多按 96 个计费。")]
    [InlineData("After 2 audits a bet against its honesty stands at 12.5 to 1. The budget is spent.", "2 次审计之后，押注其不诚实的赌注为 12.5 比 1。预算已用完。")]
    public void A_sentence_keeps_its_figures_and_quotations(string sentence, string said) => Assert.Equal(said, AuditWords.Of(Chinese, sentence));

    [Fact]
    public void What_is_no_sentence_of_ours_stays_as_it_is_and_English_readers_get_what_was_written()
    {
        Assert.Equal("The moon is {0} made of cheese.", AuditWords.Of(Chinese, "The moon is {0} made of cheese."));
        Assert.Equal("The budget is spent.", AuditWords.Of(new ConsoleText(Language.English, TimeZoneInfo.Utc, default), "The budget is spent."));
    }

    [Theory]
    [InlineData(20, "2 个文本块中有 1 个返回时被改动。")]
    [InlineData(5_000, "1 of 2 blocks came back changed.")]
    public void A_quotation_of_any_form_is_kept_and_one_of_any_length_does_no_harm(int times, string begins)
    {
        var told = string.Concat(Enumerable.Repeat("a of b came back. {0} \n", times));
        var said = AuditWords.Of(Chinese, "1 of 2 blocks came back changed. Added: " + told);
        Assert.StartsWith(begins, said, StringComparison.Ordinal);
        Assert.EndsWith(told, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_sentence_that_a_test_of_an_audit_is_written_to_say_has_its_words()
    {
        var forms = new HashSet<string>(TextCatalogue.Names(Language.English).Where(name => name.StartsWith("findings.", StringComparison.Ordinal)).Select(name => Plain(TextCatalogue.Find(Language.English, name)!)), StringComparer.Ordinal);
        var sentences = from file in Directory.EnumerateFiles(Path.Combine(ConsoleTextTests.Root(), "src", "Trivet.Core", "Audits", "Checks"), "*.cs")
                        from Match written in WrittenSentences().Matches(File.ReadAllText(file))
                        select (File: Path.GetFileName(file), Form: Plain(written.Groups["form"].Value));
        sentences = sentences.Where(sentence => !Prompts.Contains(sentence.Form)).ToList();
        Assert.True(sentences.Count() > 40, "the sentences are written otherwise than this test reads them");
        var unknown = sentences.Where(sentence => !forms.Contains(sentence.Form) && !forms.Any(form => Covers(form, sentence.Form))).ToList();
        Assert.Empty(unknown);
    }

    [Fact]
    public async Task Findings_of_real_audits_are_said_in_Chinese()
    {
        var audited = new Audited();
        foreach (var (hasReference, thinks) in (IEnumerable<(bool, bool)>)[(false, false), (false, true), (true, false)])
        {
            audited.Thinks = thinks;
            var report = await audited.AuditAsync(null, 1, TestContext.Current.CancellationToken, keeps: !hasReference, hasReference);
            Assert.NotEmpty(report.Findings);
            Assert.All(report.Findings, finding => Assert.True(AuditWords.Find(Chinese, finding.Sentence) is not null, finding.Sentence));
        }
    }

    // A sentence that is put together of alternatives is there in each of its forms: what stands in braces is a place, whatever it holds.
    private static bool Covers(string form, string sentence) => Regex.IsMatch(form, "^" + string.Join(".*", sentence.Split("{}").Select(Regex.Escape)) + "$", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static string Plain(string form)
    {
        var (plain, depth) = (new System.Text.StringBuilder(), 0);
        foreach (var c in form.Replace("\\\"", "\"", StringComparison.Ordinal))
        {
            depth += c == '{' ? 1 : 0;
            if (depth == 0 || (c == '{' && depth == 1))
                plain.Append(c == '{' ? "{}" : c.ToString());
            depth -= c == '}' ? 1 : 0;
        }

        return plain.ToString();
    }

    // Sentences: strings that begin with a capital or a figure and end with a full stop, as findings do and prompts do not.
    [GeneratedRegex("""(?:Finding\(|NotRun\([\w.]+, (?:session\.Stopped \?\? )?|\? |: |, |^\s+)\$?"(?<form>(?:[A-Z{](?:[^"\\]|\\"|(?<={\([^"]*)"[^"]*")*)\.(?:\{example\}|\{leak\})?)"(?=[),; ])""", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex WrittenSentences();
}
