using Trivet.Core.Failures;
using Trivet.Core.Relay.Payloads;

namespace Trivet.FunctionalTests.Storage;

public sealed class PayloadStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_payload_is_found_until_it_expires(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Payloads;
        var first = Payload("req_1", expiresMs: 200);

        Assert.True((await store.SaveAsync([first, Payload("req_2", expiresMs: 300)], Cancel)).IsSuccess);
        Assert.True((await store.SaveAsync([first with { Answer = "said again" }], Cancel)).IsSuccess);

        Assert.Equal(first, (await store.FindAsync("req_1", 199, Cancel)).Value);
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindAsync("req_1", 200, Cancel)).Fault?.Kind);
        Assert.Equal(1, (await store.ExpireAsync(200, Cancel)).Value);
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindAsync("req_1", 0, Cancel)).Fault?.Kind);
        Assert.Equal("req_2", (await store.FindAsync("req_2", 299, Cancel)).Value.RequestId);
    }

    private static RecordedPayload Payload(string id, long expiresMs) => new()
    {
        RequestId = id,
        Organisation = "acme",
        AtMs = 100,
        ExpiresMs = expiresMs,
        Request = """{"messages":[{"role":"user","content":"你好"}]}""",
        RequestBytes = 9000,
        Answer = "data: {}\n\n",
        AnswerBytes = 10,
    };
}
