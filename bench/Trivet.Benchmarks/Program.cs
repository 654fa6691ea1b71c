using Trivet.Benchmarks.Chaos;
using Trivet.Benchmarks.Evidence;
using Trivet.Benchmarks.Explorer;
using Trivet.Benchmarks.Faults;
using Trivet.Benchmarks.Fleet;
using Trivet.Benchmarks.Forwarders;
using Trivet.Benchmarks.Fuzz;
using Trivet.Benchmarks.Hedging;
using Trivet.Benchmarks.Load;
using Trivet.Benchmarks.Micro;
using Trivet.Benchmarks.Money;
using Trivet.Benchmarks.Streams;
using Trivet.Benchmarks.Targets;
using Trivet.Benchmarks.Vendor;
using Trivet.Benchmarks.Weather;

namespace Trivet.Benchmarks;

/// <summary>One executable: the bench itself, and (hidden verbs) the processes that it measures or talks to.</summary>
internal static class Program
{
    public const int InterruptedExitCode = 130;     // 128 + SIGINT, as shells have it

    private const string Usage = """
        Trivet.Benchmarks <verb> [options]                          see docs/performance.md

          load      CPU, allocation and latency of direct, nginx, raw, parsing and trivet, side by side
            --rounds N          interleaved rounds                       (5)
            --scale X           multiplies the requests of a round       (1)
            --scenarios a,b     only these
            --targets a,b       only these
            --assert            exit 1 when trivet costs more than 1.5 times its baseline
          booked    CPU of Trivet with prices and a budget, and without: what booking adds; options as of load
          translate CPU of parsing and trivet in each of the twelve directions; options as of load
          streams   memory per concurrent slow stream of raw and trivet
            --streams N         how many                                 (2000)
            --settle S          seconds between the last opening and the reading  (15)
            --targets a,b       only these
            --assert            exit 1 when trivet holds more than 25 kB per stream
          micro     what single steps of a request cost
          scorecards  what scorecards and passive checks cost a request; exit 1 when more than a twentieth of one that passes through
          long      whether translating takes time in proportion to a conversation's length, 25,000 to 200,000 tokens
          faults    sixteen faults and variants of them, every client protocol over every upstream protocol, whole and streamed; exit 0 when all pass
            --profile fast|full scaled waits, or the published ones          (fast)
            --cases S01,S08     only these
            --pairs messages:chat,…  only these, client protocol first
            --at-once N         cells that run at the same time              (64)
          chaos     random faults at every stage of four upstreams, one of which is being killed; exit 0 when nothing was lost or wrong
            --minutes M         how long                                     (30)
            --streams N         streams at once                              (200)
            --seed N                                                         (1)
          hedge     one call in ten is twenty times slower: time to first content with hedging off and on, and what the hedges cost; exit 0 when it pays
            --requests N        of each kind                             (1000)
            --at-once N                                                  (8)
          fuzz      mutated inputs into every reader; exit 1 when one throws, hangs, takes too much memory or has something illegal written
            --readers a,b       only these
            --inputs N          for each                             (10000000)
            --from N            number of the first                  (0)
            --seconds N         at most, for each
            --seed S            of the chances                       (1)
            --findings DIR      where inputs that fail are kept      (fuzz-findings)
          evidence  power and false alarms of the audits, the difficulty router and cache affinity on recorded data, regret and cost of routing policies (docs/audits.md, docs/routing.md)
            --what a,b          of mmd, onetoken, manner, router, cache, policy, decide  (all)
            --data DIR          where the data is                        (shared/evidence here or above)
            --sims N            simulations per number                   (400)
            --seed N            of the simulations                       (1)
            --assert            exit 1 where a target is missed
          fleet     a simulated year of audits: honest upstreams and five that begin to cheat (docs/audits.md)
            --honest N          how many                                 (50)
            --days N            how long                                 (365)
            --turn N            the day on which the five begin          (60)
            --own-past          nobody has a reference: each is held against its own past
            --seed N                                                     (1)
            --assert            exit 1 where less is kept than is stated

          weather   Trivet's routing over relays that fail as real ones do, beside round robin, the best in hindsight and others
            --upstreams 4,8     to choose from
            --slots N           of ten minutes, one request in each      (11808)
            --draws N           of other relays                          (60)
            --trace DIR         real weather: history/RELAY/YYYY-MM.jsonl
            --seed S            of the draws                             (1)
            --assert            exit 1 where a target is missed

          booking   what it costs a request to be held to a budget and booked, and how many transfers a database takes
            --postgres URL      also an empty database of this server

          explorer  what the console and the admin API ask of books of ten million requests, and how long the database takes
            --rows N            requests in the books                (10000000)
            --postgres URL      an empty database of this server, instead of SQLite
            --keep DIR          where the SQLite file stays; a later run asks it again
            --repeats N         of each question                     (9)
            --browse            also every page of a running server, and the relay's p99 alone and beside somebody who browses
            --think N           how many seconds a page is looked at before the next (3)
            --rounds N          of those two, one after the other    (5)
            --seconds N         each                                 (15)
            --rate N            the relay's requests a second        (200)
            --assert            exit 1 where a median is over 300 ms

          ledger-sim  nodes that spend, fail, crash and recover by chance over one database, beside an auditor with books of its own; exit 1 when they differ
            --transfers N       how many                             (1000000)
            --seed N                                                 (1)
            --database URL      instead of SQLite

          --json FILE           the results, also as JSON
          --trivet FILE         trivet or trivet.dll to run, instead of the one this checkout has built
          --perf-event NAME     what perf stat counts                    (instructions:u)
        """;

    private static async Task<int> Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["serve-vendor", var port]:
                    await FakeVendor.RunAsync(int.Parse(port));
                    return 0;
                case ["serve-raw", var port, var upstream]:
                    await ForwarderHost.RunAsync(int.Parse(port), new RawForwarder(new Uri(upstream)).ForwardAsync);
                    return 0;
                case ["serve-parsing", var port, var upstream]:
                    await ForwarderHost.RunAsync(int.Parse(port), new ParsingForwarder(new Uri(upstream)).ForwardAsync);
                    return 0;
                case ["load", .. var rest]:
                    return await WithChildrenAsync(() => new LoadBench(
                        BenchOptions.Parse(rest), Scenarios.Make(), TargetNames.Direct, TargetNames.Nginx, TargetNames.Raw, TargetNames.Parsing, TargetNames.Trivet).RunAsync());
                case ["booked", .. var rest]:
                    return await WithChildrenAsync(() => new LoadBench(BenchOptions.Parse(rest), Scenarios.MakeBooked(), TargetNames.Unbooked, TargetNames.Booked).RunAsync());
                case ["translate", .. var rest]:
                    return await WithChildrenAsync(() => new LoadBench(BenchOptions.Parse(rest), Directions.Make(), TargetNames.Parsing, TargetNames.Trivet).RunAsync());
                case ["streams", .. var rest]:
                    return await WithChildrenAsync(() => new StreamsBench(BenchOptions.Parse(rest)).RunAsync());
                case ["faults", .. var rest]:
                    return await WithChildrenAsync(() => new FaultRun(FaultOptions.Parse(rest)).RunAsync());
                case ["chaos", .. var rest]:
                    return await WithChildrenAsync(() => new ChaosRun(ChaosOptions.Parse(rest)).RunAsync());
                case ["hedge", .. var rest]:
                    return await WithChildrenAsync(() => new HedgeRun(HedgeOptions.Parse(rest)).RunAsync());
                case ["fuzz", .. var rest]:
                    return FuzzBench.Run(FuzzOptions.Parse(rest));
                case ["long"]:
                    return LongConversationBench.Run();
                case ["weather", .. var rest]:
                    return WeatherBench.Run(WeatherOptions.Parse(rest));
                case ["ledger-sim", .. var rest]:
                    return await LedgerSimBench.RunAsync(rest);
                case ["booking", .. var rest]:
                    return await BookingBench.RunAsync(rest);
                case ["explorer", .. var rest]:
                    return await WithChildrenAsync(() => ExplorerBench.RunAsync(ExplorerOptions.Parse(rest)));
                case ["micro", ..]:
                    MicroBench.Run();
                    return 0;
                case ["fleet", .. var rest]:
                    return FleetOptions.Parse(rest) is { OwnPast: true } own ? await new PastBench(own).RunAsync() : await new FleetBench(FleetOptions.Parse(rest)).RunAsync();
                case ["scorecards"]:
                    return ScorecardBench.Run();
                case ["evidence", .. var rest]:
                    return EvidenceBench.Run(EvidenceOptions.Parse(rest));
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (BenchOptionException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\n\n{Usage}");
            return 2;
        }
        catch (Exception) when (ChildProcesses.Interrupted)
        {
            return InterruptedExitCode;
        }
        catch (BenchFailedException e)
        {
            await Console.Error.WriteLineAsync($"FAILED: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> WithChildrenAsync(Func<Task<int>> bench)
    {
        using var signals = ChildProcesses.StopThemOnSignals();
        try
        {
            return await bench();
        }
        finally
        {
            ChildProcesses.StopAll();
        }
    }
}
