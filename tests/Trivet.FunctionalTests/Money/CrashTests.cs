using System.Net;
using System.Runtime.CompilerServices;
using Trivet.Core.Ledger.Spool;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary><c>kill -9</c> at random moments under load: what the sandbox says it served is in the books, once. Fifty rounds: <c>TRIVET_MONEY_ROUNDS=50</c>.</summary>
public sealed class CrashTests
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("TRIVET_MONEY_ROUNDS"), out var rounds) ? rounds : 5;

    private const int FinishedPerRound = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_was_served_before_the_process_was_killed_is_in_the_books_once()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { LogEntriesMax = 1_000_000 }, Cancel);
        using var folder = new TempFolder();
        var config = new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price).WriteTo(folder);
        var random = new Random(20_261_130);
        string? key = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var trivet = await TrivetProcess.ServeAsync(config, folder.File("data"));
            key ??= await trivet.KeyAsync("crash", "--budget", "100USD");
            await MoneyLab.WaitForKeyAsync(trivet.Address, key);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var done = new StrongBox<int>();
            var load = Enumerable.Range(0, 8).Select(worker => SpendAsync(trivet.Address, key, $"w{round}-{worker}", done, stop.Token)).ToArray();
            while (Volatile.Read(ref done.Value) < FinishedPerRound)
                await Task.Delay(10, Cancel);
            await Task.Delay(random.Next(700), Cancel);
            trivet.Process.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(load);
        }

        await using var last = await TrivetProcess.ServeAsync(config, folder.File("data"));
        await last.VerifyAsync();
        await last.Process.TerminateAsync();
        Compare(sandbox, await MoneyBooks.AttemptsAsync(folder.File("data")));
        Assert.Equal(0, await MoneyBooks.WrongAllowancesAsync(folder.File("data")));
    }

    [Fact]
    public async Task A_torn_last_record_is_recognised_kept_and_costs_no_other()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var config = new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price).WriteTo(folder);
        await using (var trivet = await TrivetProcess.ServeAsync(config, folder.File("data")))
        {
            for (var i = 0; i < 5; i++)
                (await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat($"lab/any-torn-{i}"))).EnsureSuccessStatusCode().Dispose();
            trivet.Process.Kill();
        }

        // The machine went down in the middle of a sixth.
        var segment = Directory.GetFiles(folder.File("data/spool"), "*.spool").MaxBy(file => File.ReadAllBytes(file).Count(value => value != 0))!;
        var bytes = await File.ReadAllBytesAsync(segment, Cancel);
        var firstBytes = BitConverter.ToInt32(bytes) + SpoolFrame.HeaderBytes;
        var end = Array.FindLastIndex(bytes, value => value != 0) + 1;
        await using (var file = File.OpenWrite(segment))
        {
            file.Position = end;
            await file.WriteAsync(bytes.AsMemory(0, firstBytes / 2), Cancel);
        }

        await using var after = await TrivetProcess.ServeAsync(config, folder.File("data"));
        Assert.Equal(5, await MoneyBooks.AssertEqualAsync(sandbox, folder.File("data")));
        await after.VerifyAsync();
        Assert.Contains("torn record", after.Process.Everything, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.File("data/spool"), "*.damaged"));
    }

    private static void Compare(SandboxHost sandbox, List<BookedAttempt> booked)
    {
        var seen = MoneyBooks.Served(sandbox);
        var books = booked.ToLookup(attempt => attempt.UpstreamModel);
        var (finished, recovered) = (0, 0);
        foreach (var entry in seen)
        {
            var attempt = Assert.Single(books[entry.Model!]); // none lost, none twice
            if (attempt.Recovered == 0 && attempt.Failure.Length == 0)
            {
                finished++;
                MoneyBooks.AssertBooked(entry, attempt);
                continue;
            }

            // Cut off: what the upstream read is known from requests like it, what it wrote as far as it had come.
            recovered++;
            Assert.True(attempt.Estimated == 1, entry.Model);
            if (entry.Usage is { } usage && attempt.CostNano > 0)
            {
                Assert.Equal(usage.InputTokens, attempt.InputUncachedTokens);
                Assert.True(attempt.OutputTextTokens <= usage.OutputTokens + 1, $"{entry.Model}: {attempt.OutputTextTokens} of {usage.OutputTokens}");
            }
        }

        // Written down and never sent: the process ended between the two. Nothing was served, and it is marked.
        Assert.All(booked.Where(attempt => seen.TrueForAll(entry => entry.Model != attempt.UpstreamModel)), attempt => Assert.Equal(1, attempt.Recovered));
        Assert.True(finished >= FinishedPerRound * Rounds, $"only {finished} finished");
        Assert.True(recovered > 0, "nothing was cut off: the test has not shown anything");
        TestContext.Current.SendDiagnosticMessage($"{Rounds} rounds: {seen.Count} served, {finished} finished, {recovered} cut off and recovered");
    }

    private static async Task SpendAsync(Uri address, string key, string name, StrongBox<int> done, CancellationToken stopping)
    {
        for (var i = 0; !stopping.IsCancellationRequested; i++)
        {
            try
            {
                // A third streams slowly enough to be cut in the middle.
                var body = MoneyLab.Chat($"lab/any-{name}-{i}{(i % 3 == 0 ? "@slow:tps=100" : "")}", stream: i % 3 == 0);
                using var answer = await MoneyLab.AskAsync(address, key, body, stopping);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Interlocked.Increment(ref done.Value);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                // It was killed.
            }
        }
    }
}
