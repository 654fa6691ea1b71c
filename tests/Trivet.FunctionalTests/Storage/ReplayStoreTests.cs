using Trivet.Core.Conversations;
using Trivet.Core.Replay;

namespace Trivet.FunctionalTests.Storage;

public sealed class ReplayStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Turns_are_found_by_any_of_their_keys_until_they_expire(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Replay;
        Assert.True((await store.SaveAsync(new ReplayBatch([new("acme", "t1", """{"a":"\u0000é"}""", 1000)], [new("acme", "k1", "t1", 0, "", 1000), new("acme", "k2", "t1", 1, "", 1000), new("acme", "b1", "", -1, "gemini:google", 1000)]), Cancel)).IsSuccess);

        var found = (await store.FindAsync("acme", ["k1", "k2", "b1", "unknown"], 999, Cancel)).Value.OrderBy(row => row.Key).ToList();
        Assert.Equal([("b1", -1L, "gemini:google", null), ("k1", 0L, "", """{"a":"\u0000é"}"""), ("k2", 1L, "", """{"a":"\u0000é"}""")], found.Select(row => (row.Key, row.CallOrdinal, row.Origin, row.Payload)));
        Assert.Empty((await store.FindAsync("other", ["k1"], 999, Cancel)).Value);
        Assert.Empty((await store.FindAsync("acme", ["k1"], 1000, Cancel)).Value);
        Assert.Equal(4, (await store.ExpireAsync(1000, Cancel)).Value);
        Assert.Empty((await store.FindAsync("acme", ["k1", "b1"], 0, Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_key_that_is_there_already_leads_to_the_newer_turn(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Replay;
        foreach (var turn in (string[])["t1", "t2", "t2"])
            Assert.True((await store.SaveAsync(new ReplayBatch([new("acme", turn, turn, 1000)], [new("acme", "k", turn, 0, "", 1000)]), Cancel)).IsSuccess);
        Assert.Equal("t2", Assert.Single((await store.FindAsync("acme", ["k"], 0, Cancel)).Value).Payload);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_response_comes_with_all_that_it_went_on_from_and_to_its_own_key_alone(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Responses;
        foreach (var (id, previous) in ((string, string)[])[("r1", ""), ("r2", "r1"), ("r3", "r2"), ("loop", "loop")])
            Assert.Equal(1, (await store.SaveAsync([Response(id, previous)], Cancel)).Value);
        Assert.Equal(0, (await store.SaveAsync([Response("r1", "r3")], Cancel)).Value); // an id is given once

        Assert.Equal(["r1", "r2", "r3"], (await store.ChainAsync("acme", "key", "r3", 0, Cancel)).Value.Select(response => response.Id));
        Assert.Equal("[\"r2\"]", (await store.ChainAsync("acme", "key", "r2", 0, Cancel)).Value[^1].Input);
        Assert.Empty((await store.ChainAsync("acme", "another", "r3", 0, Cancel)).Value);
        Assert.Equal(["r1", "r3"], (await store.FindByItemsAsync("acme", "key", ["msg_r1", "msg_r3", "unknown"], 0, Cancel)).Value.Select(response => response.Id).Order());
        Assert.Empty((await store.FindByItemsAsync("acme", "another", ["msg_r1"], 0, Cancel)).Value);
        Assert.NotEmpty((await store.ChainAsync("acme", "key", "loop", 0, Cancel)).Value);
        Assert.True((await store.DeleteAsync("acme", "key", "r2", Cancel)).Value);
        Assert.False((await store.DeleteAsync("acme", "key", "r2", Cancel)).Value);
        Assert.Equal("r3", Assert.Single((await store.ChainAsync("acme", "key", "r3", 0, Cancel)).Value).Id); // what is missing before it is the caller's to notice
        Assert.Equal(3, (await store.ExpireAsync(1000, Cancel)).Value);
    }

    private static StoredResponse Response(string id, string previous) => new()
    {
        Organisation = "acme",
        KeyId = "key",
        Id = id,
        PreviousId = previous,
        Input = $"[\"{id}\"]",
        Body = "{}",
        ItemIds = [$"msg_{id}"],
        CreatedMs = 1,
        ExpiresMs = 1000,
    };
}
