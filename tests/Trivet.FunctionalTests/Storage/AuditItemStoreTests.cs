using Trivet.Core.Admin;
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

    private static OwnItem Item(int i) => new() { Turns = [new ItemTurn(true, $"Question {i}?")], Expect = [new ItemExpectation(ItemJudge.Number, $"{i}")] };
}
