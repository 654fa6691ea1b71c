using Trivet.Core.Failures;

namespace Trivet.Tests.Failures;

/// <summary>docs/failures.md is made from the code, and the code knows every failure.</summary>
public sealed class FailurePageTests
{
    private const string Begin = "<!-- failures: made from FailureTable, the protocols' *Errors and the vendors' profiles; see FailurePageTests -->\n";
    private const string End = "<!-- /failures -->\n";
    private const string Regenerate = "TRIVET_REGENERATE=1 dotnet test --project tests/Trivet.Tests -- --filter-class '*FailurePageTests'";

    [Fact]
    public void The_page_of_failures_is_that_of_the_code()
    {
        var path = Path.Combine(Root(), "docs", "failures.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "docs/failures.md has lost the marks of its tables");
        var made = FailurePage.Make();
        if (Environment.GetEnvironmentVariable("TRIVET_REGENERATE") == "1")
            File.WriteAllText(path, text[..begin] + made + text[end..]);
        else
            Assert.True(text[begin..end] == made, $"docs/failures.md is out of date; look at what changed and make it anew with\n{Regenerate}");
    }

    [Fact]
    public void Every_kind_has_a_row_and_every_row_a_code_of_its_own_and_something_to_say()
    {
        Assert.Equal(Enum.GetValues<FailureKind>(), FailureTable.Rows.Select(row => row.Kind));
        var told = FailureTable.Rows.Where(row => row.Kind != FailureKind.None).ToList();
        Assert.Equal(told.Count, told.Select(row => row.Code).Distinct(StringComparer.Ordinal).Count());
        Assert.All(told, row =>
        {
            Assert.Matches("^[a-z_]+$", row.Code);
            Assert.InRange(row.Status, 400, 599);
            Assert.EndsWith(".", row.Message);
        });
    }

    [Fact]
    public void What_is_wrong_with_the_gateway_s_own_account_is_never_told_as_the_client_s() =>
        Assert.All(FailureTable.Rows.Where(row => row.Fault is FaultSide.Operator or FaultSide.Upstream or FaultSide.Gateway), row => Assert.True(row.Status is not (401 or 402 or 403), $"{row.Kind}"));

    [Fact]
    public void What_the_client_is_to_blame_for_costs_no_upstream_its_good_name() =>
        Assert.All(FailureTable.Rows.Where(row => row.Fault == FaultSide.Client), row => Assert.Equal(ScorecardEffect.None, row.Scorecard));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")))
            folder = folder.Parent;
        return folder!.FullName;
    }
}
