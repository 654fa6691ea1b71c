using System.Collections.Concurrent;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Every recorded answer behind every client protocol, streamed and not: legal, valid against the vendor's specification, equal in meaning; byte for byte where the protocols match.</summary>
public sealed class AnswerReplayTests(ReplayLab lab)
{
    private const int ByteByByteBytesMax = 6_000;

    public static TheoryData<string> Answers => Replaying.Ids(Replaying.IsAnswer);

    public static TheoryData<string> Streams => Replaying.Ids(e => e.Sse is not null, WireProtocol.All);

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_means_the_same_behind_every_protocol(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var all = new List<string>();
        foreach (var (client, stream, chopping) in Modes(exchange))
        {
            var problems = await Replaying.AnswerAsync(lab, exchange, client, stream, chopping);
            var mode = (stream ? "stream " : "whole ") + chopping.ToString().ToLowerInvariant();
            lab.Report.Add("answer", WireProtocol.Of(exchange).Name, client.Name, mode, id, problems);
            all.AddRange(problems.Select(problem => $"{client.Name}, {mode}: {problem}"));
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    [Fact]
    public async Task Eight_at_a_time_share_nothing()
    {
        var cases = WireProtocol.Upstreams.SelectMany(p => Corpus.All(p.Name)).Where(e => Replaying.IsAnswer(e) && Replaying.IsHttp(e))
            .SelectMany(e => WireProtocol.All.Select(client => (Exchange: e, Client: client)))
            .OrderBy(c => c.Exchange.Id[^2..] + c.Client.Name, StringComparer.Ordinal).ToList();
        await lab.StartAsync();
        var all = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (c, _) =>
        {
            var problems = await Replaying.AnswerAsync(lab, c.Exchange, c.Client, stream: true, Chopping.Random);
            lab.Report.Add("at once", WireProtocol.Of(c.Exchange).Name, c.Client.Name, "stream random", c.Exchange.Id, problems);
            foreach (var problem in problems)
                all.Add($"{c.Exchange.Id} → {c.Client.Name}: {problem}");
        });

        Assert.True(all.IsEmpty, string.Join('\n', all));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_that_breaks_off_is_never_shown_as_whole(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var upstream = WireProtocol.Of(exchange);
        var all = new List<string>();
        foreach (var cut in upstream.Cuts(exchange.Sse!))
        {
            foreach (var (client, stream) in WireProtocol.All.SelectMany(client => new[] { (client, true), (client, false) }))
            {
                var problems = await Replaying.BrokenOffAsync(lab, exchange with { Sse = exchange.Sse![..cut] }, client, stream);
                lab.Report.Add("cut", upstream.Name, client.Name, stream ? "stream" : "whole", $"{id} at {cut}", problems);
                all.AddRange(problems.Select(problem => $"{client.Name}, stream {stream}, cut at {cut}: {problem}"));
            }
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private static IEnumerable<(WireProtocol Client, bool Stream, Chopping Chopping)> Modes(Exchange exchange)
    {
        foreach (var client in WireProtocol.All)
        {
            yield return (client, false, Chopping.Whole);
            yield return (client, true, Chopping.Whole);
            if ((exchange.Sse ?? exchange.EventStream) is not { } recorded)
                continue;
            yield return (client, true, Chopping.Random);
            if (recorded.Length <= ByteByByteBytesMax)
                yield return (client, true, Chopping.Bytes);
        }
    }
}
