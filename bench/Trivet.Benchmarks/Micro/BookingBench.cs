using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.Benchmarks.Micro;

/// <summary>What it costs to book a request: into the spool, and from there into SQLite in batches.</summary>
internal static class BookingBench
{
    private const int BatchRecords = 400;
    private const int Batches = 300;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-booking-");
        try
        {
            var opened = await Database.OpenAsync(new DatabaseOptions(DatabaseOptions.Sqlite, folder.FullName), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
            await using var database = opened.Value!;
            using var spool = new FileSpool(new SpoolOptions { Directory = Path.Combine(folder.FullName, "spool") }, NullLogger<FileSpool>.Instance);
            var books = new Bookkeeper(spool);
            var loop = new SpoolWriterLoop(spool, database.SpoolSink, TimeProvider.System, NullLogger<SpoolWriterLoop>.Instance);
            var (append, commit) = (new double[Batches], new double[Batches]);
            for (var batch = 0; batch < Batches; batch++)
            {
                var cpu = Environment.CpuUsage.TotalTime;
                for (var i = 0; i < BatchRecords; i++)
                    Book(books);
                append[batch] = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / BatchRecords;
                cpu = Environment.CpuUsage.TotalTime;
                await loop.DrainAsync(CancellationToken.None);
                commit[batch] = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / BatchRecords;
            }

            Array.Sort(append);
            Array.Sort(commit);
            Console.WriteLine($"{"one request: record made and appended to the spool",-58}{append[Batches / 20],10:0.0}");
            Console.WriteLine($"{$"one request: into SQLite, {BatchRecords} in a transaction",-58}{commit[Batches / 20],10:0.0}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Book(Bookkeeper books)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = RequestIds.NewRequest(now);
        var attempt = new AttemptRecord
        {
            Id = RequestIds.NewAttempt(id, 1),
            RequestId = id,
            Organisation = "default",
            Team = "",
            KeyId = "key_0198f3c2a1b27c3d",
            StartedMs = now.ToUnixTimeMilliseconds(),
            Route = "bench-plain",
            ModelAsked = "bench-plain",
            Upstream = "both",
            CredentialId = "1",
            UpstreamModel = "bench-plain",
            ModelAnswered = "bench-plain",
            ClientProtocol = "openai-chat",
            UpstreamProtocol = "openai-chat",
            HttpStatus = 200,
            InputUncachedTokens = 82,
            InputCacheReadTokens = 128,
            OutputTextTokens = 144,
            TimeToFirstContentMs = 3,
            DurationMs = 4,
            OutputBytes = 1024,
            CostNano = 201_240,
            Currency = "USD",
            Committed = true,
            SessionHash = "0123456789abcdef",
        };
        books.Book(attempt, new RequestRecord
        {
            Id = id,
            Organisation = "default",
            Team = "",
            KeyId = attempt.KeyId,
            StartedMs = attempt.StartedMs,
            Endpoint = "/v1/chat/completions",
            ClientProtocol = "openai-chat",
            ModelAsked = "bench-plain",
            Status = 200,
            Attempts = 1,
            DurationMs = 4,
            RouteReason = "only candidate",
            UserAgent = "claude-cli/2.1.330 (external, sdk-cli)",
        });
    }
}
