using System.Net.Http.Headers;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Storage;

/// <summary>The server as a process on PostgreSQL, asked for more than its driver's buffer holds.</summary>
public sealed class ServerOnPostgresTests(PostgresCluster cluster)
{
    private const int Count = 500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_do_not_lie_whole_in_a_buffer_are_answered()
    {
        await using var test = await TestDatabase.CreateAsync("postgres", cluster);
        var database = await test.OpenAsync();
        for (var i = 0; i < Count; i++)
        {
            // Of all lengths, so that buffers end in every column.
            var id = $"req_{MeteringTestData.AugustMs + i:x12}{i:x20}";
            var request = MeteringTestData.Request(id) with { StartedMs = MeteringTestData.AugustMs + i, RouteReason = new string('r', (i * 37) % 3000), UserAgent = new string('u', (i * 13) % 900) };
            var attempt = MeteringTestData.Full($"att_{i}", id) with { StartedMs = MeteringTestData.AugustMs + i, Lost = new string('l', (i * 29) % 2000) };
            Assert.Equal(2, (await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(request), MeteringTestData.Spooled(attempt)], Cancel)).Value);
        }

        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("trivet.yaml"), $"database: {test.Options.Database}\n{new TrivetYaml().Chat("lab", new Uri("http://127.0.0.1:9/"), "sk-lab")}", Cancel);
        await using var trivet = await TrivetProcess.ServeAsync(folder.File("trivet.yaml"), folder.File("data"));
        using var client = new HttpClient { BaseAddress = trivet.Address, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", trivet.Key);

        for (var limit = 100; limit <= 500; limit += 50)
        {
            using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri($"/admin/v1/requests?limit={limit}", UriKind.Relative), Cancel));
            Assert.Equal(limit, answer.RootElement.GetProperty("requests").GetArrayLength());
        }
    }
}
