using Trivet.Core.Admin;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;

namespace Trivet.FunctionalTests.Storage;

public sealed class AuditItemStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Items_come_back_as_they_were_added_and_one_added_twice_is_there_once(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = new AuditItemAdmin((await test.OpenAsync()).AuditItems, TimeProvider.System);
        var item = Item(1) with { Name = "one", Models = ["gpt-*"], System = "Be brief.", TokensMax = 77 };

        var added = (await admin.AddAsync(item, "ada", Cancel)).Value;
        await admin.AddAsync(item with { Name = "renamed" }, "bob", Cancel);

        var kept = Assert.Single((await admin.ListAsync(Cancel)).Value);
        Assert.Equal((added.Id, "renamed", "bob", "Be brief.", 77), (kept.Id, kept.Name, kept.CreatedBy, kept.System, kept.TokensMax));
        Assert.Equal((item.Turns[0], item.Expect[0], "gpt-*"), (kept.Turns[0], kept.Expect[0], kept.Models[0]));
        Assert.True((await admin.RemoveAsync(kept.Id, Cancel)).Value);
        Assert.Equal(StoreFaultKind.NotFound, (await admin.RemoveAsync(kept.Id, Cancel)).Fault!.Kind);
        Assert.Empty((await admin.ListAsync(Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Of_more_items_than_are_kept_none_is_taken(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).AuditItems;
        Assert.Equal(OwnItem.ItemsMax, (await store.SaveAsync([.. Enumerable.Range(0, OwnItem.ItemsMax).Select(i => Item(i) with { Id = $"itm_{i}" })], Cancel)).Value);
        Assert.Equal(StoreFaultKind.Rejected, (await store.SaveAsync([Item(1) with { Id = "itm_x" }, Item(2) with { Id = "itm_y" }], Cancel)).Fault!.Kind);
        Assert.Equal(OwnItem.ItemsMax, (await store.ListAsync(Cancel)).Value.Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_an_offering_answered_is_kept_once_and_forgotten_when_told_to(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).AuditPasts;
        Assert.Null((await store.FindAsync("relay/m", Cancel)).Value);
        var past = new EnrolledPast { Offering = "relay/m", SinceMs = 5, Settings = "s", Tried = 3, Words = [new("p", "w")], Borders = [new("q", ["a", "b"])] };
        await store.SaveAsync(past with { Tried = 1 }, Cancel);
        await store.SaveAsync(past, Cancel);

        var kept = (await store.FindAsync("relay/m", Cancel)).Value!;
        Assert.Equal((5L, "s", 3, new PastWord("p", "w"), "q"), (kept.SinceMs, kept.Settings, kept.Tried, kept.Words[0], kept.Borders[0].Prompt));
        Assert.Equal(["a", "b"], kept.Borders[0].Words);
        Assert.True((await store.RemoveAsync("relay/m", Cancel)).Value);
        Assert.False((await store.RemoveAsync("relay/m", Cancel)).Value);
        Assert.Null((await store.FindAsync("relay/m", Cancel)).Value);
    }

    private static OwnItem Item(int i) => new() { Turns = [new ItemTurn(true, $"Question {i}?")], Expect = [new ItemExpectation(ItemJudge.Number, $"{i}")] };
}
