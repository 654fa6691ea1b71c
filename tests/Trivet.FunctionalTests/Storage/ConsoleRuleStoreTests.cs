using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Policies and routes of the console, as they are kept for all nodes.</summary>
public sealed class ConsoleRuleStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_rule_that_one_node_saves_or_removes_is_heard_of_by_another(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (one, two) = ((await test.OpenAsync()).ConsoleRules, (await test.OpenAsync()).ConsoleRules);
        var empty = (await two.LoadAsync(Cancel)).Value;
        Assert.Empty(empty.Rules);

        var waiting = two.WaitForChangeAsync(empty.Version, Cancel).AsTask();
        await one.SaveAsync(new ConsoleRule(ConsoleRuleKind.Policy, "same", "aim: best") { SetBy = "ada", UpdatedAtMs = 7 }, Cancel);
        await one.SaveAsync(new ConsoleRule(ConsoleRuleKind.Route, "same", "policy: same") { SetBy = "eve" }, Cancel);
        Assert.True((await waiting.WaitAsync(TimeSpan.FromSeconds(60), Cancel)).Value > empty.Version);

        await one.SaveAsync(new ConsoleRule(ConsoleRuleKind.Policy, "same", "aim: fastest") { SetBy = "eve", UpdatedAtMs = 8 }, Cancel);
        var both = (await two.LoadAsync(Cancel)).Value;
        Assert.Equal([new ConsoleRule(ConsoleRuleKind.Policy, "same", "aim: fastest") { SetBy = "eve", UpdatedAtMs = 8 }, new ConsoleRule(ConsoleRuleKind.Route, "same", "policy: same") { SetBy = "eve" }], both.Rules);

        Assert.True((await two.DeleteAsync(ConsoleRuleKind.Policy, "same", Cancel)).Value);
        Assert.False((await two.DeleteAsync(ConsoleRuleKind.Policy, "same", Cancel)).Value);
        Assert.Equal(ConsoleRuleKind.Route, Assert.Single((await one.LoadAsync(Cancel)).Value.Rules).Kind);
    }
}
