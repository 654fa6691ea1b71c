using Trivet.FunctionalTests.Harness;
using Trivet.Server.Cli.Conformance;
using Trivet.Server.Conformance;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;

namespace Trivet.FunctionalTests.Conformance;

/// <summary>The published matrix is what a run finds, and no square of it is wrong.</summary>
public sealed class ConformanceTests
{
    private const string Begin = "<!-- matrix: made by `trivet conformance`; see ConformanceTests -->\n";
    private const string End = "<!-- /matrix -->";
    private const string Regenerate = "TRIVET_REGENERATE=1 dotnet test --project tests/Trivet.FunctionalTests -- --filter-class '*ConformanceTests'";

    private static readonly Lazy<Task<IReadOnlyList<CellResult>>> Results = new(RunAsync);

    [Fact]
    public async Task No_square_is_wrong()
    {
        var wrong = (await Results.Value).Where(r => r.Finding.Verdict == Verdict.Wrong).Select(r => $"{r.Cell}: {r.Finding.Note}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Within_one_protocol_every_square_of_the_matrix_is_exact()
    {
        var same = (await Results.Value).Where(r => AllFeatures.All.Contains(r.Cell.Feature) && r.Cell.Client == r.Cell.Upstream).ToList();
        var inexact = same.Where(r => r.Finding.Verdict is not (Verdict.Exact or Verdict.Unsayable)).Select(r => $"{r.Cell}: {r.Finding}").ToList();
        Assert.True(same.Count > 0 && inexact.Count == 0, string.Join('\n', inexact));
    }

    [Fact]
    public async Task What_the_gateway_answers_itself_is_told_in_every_clients_words()
    {
        var own = (await Results.Value).Where(r => r.Cell.Feature.IsGateways).ToList();
        Assert.Equal(ConformanceLab.Protocols.Count * ConformanceLab.Protocols.Count, own.Select(r => (r.Cell.Client, r.Cell.Upstream)).Distinct().Count());
        Assert.All(own, r => Assert.True(r.Finding.Verdict == Verdict.Told, $"{r.Cell}: {r.Finding}"));
    }

    [Fact]
    public async Task At_least_forty_features_are_tried_over_every_pair()
    {
        var results = await Results.Value;
        Assert.True(AllFeatures.All.Count >= 40);
        Assert.Equal(AllFeatures.All.Count, AllFeatures.All.Select(f => f.Name).Distinct().Count());
        foreach (var pair in results.GroupBy(r => (r.Cell.Client, r.Cell.Upstream)))
            Assert.True(pair.Where(r => r.Finding.Verdict != Verdict.Unsayable).Select(r => r.Cell.Feature).Distinct().Count() >= 40, $"{pair.Key.Client.Name} over {pair.Key.Upstream.Name}");
    }

    [Fact]
    public async Task The_published_matrix_is_what_a_run_finds()
    {
        var path = Path.Combine(Repository.Root, "docs", "conformance.md");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "docs/conformance.md has lost the marks of its tables");
        var found = "\n" + ConformanceReport.Markdown(await Results.Value) + "\n";
        if (Environment.GetEnvironmentVariable("TRIVET_REGENERATE") == "1")
            await File.WriteAllTextAsync(path, text[..begin] + found + text[end..], TestContext.Current.CancellationToken);
        else
            Assert.True(text[begin..end] == found, $"docs/conformance.md is out of date; look at what changed and make it anew with\n{Regenerate}\n{Difference(text[begin..end], found)}");
    }

    private static string Difference(string published, string found)
    {
        var (was, now) = (published.Split('\n'), found.Split('\n'));
        return string.Join('\n', was.Except(now).Select(line => "- " + line).Concat(now.Except(was).Select(line => "+ " + line)));
    }

    private static async Task<IReadOnlyList<CellResult>> RunAsync()
    {
        await using var lab = await ConformanceLab.StartAsync(CancellationToken.None);
        using var run = new ConformanceRun(lab.Ends, lab.Sandbox!);
        return await run.RunAsync(ConformanceRun.Plan(AllFeatures.WithGateways, ConformanceLab.Protocols, ConformanceLab.Protocols), CancellationToken.None);
    }
}
