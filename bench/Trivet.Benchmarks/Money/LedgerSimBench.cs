using System.Diagnostics;
using System.Globalization;
using Trivet.Benchmarks.Money.Simulation;

namespace Trivet.Benchmarks.Money;

/// <summary><c>ledger-sim</c>: a million transfers with crashes, duplicates and reordering beside an auditor of its own. Exit 1 when the books differ.</summary>
internal static class LedgerSimBench
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (transfers, seed, database) = (1_000_000L, 1, Storage.DatabaseOptions.Sqlite);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--transfers" when long.TryParse(value, CultureInfo.InvariantCulture, out var count) && count > 0:
                    transfers = count;
                    break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var given):
                    seed = given;
                    break;
                case "--database" when value.Length > 0:
                    database = value;
                    break;
                default:
                    throw new BenchOptionException($"'{args[i]} {value}' is not an option.");
            }
        }

        using var folder = new SimFolder();
        try
        {
            var watch = Stopwatch.StartNew();
            var outcome = await new LedgerSim(folder.Path, database, seed).RunAsync(transfers);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {outcome.Transfers} transfers in {watch.Elapsed.TotalSeconds:0} s"));
            Console.WriteLine(outcome.Counts);
            foreach (var difference in outcome.Differences)
                Console.WriteLine("DIFFERS: " + difference);
            Console.WriteLine(outcome.Differences.Count == 0 ? "The ledger and the auditor agree to the last nano-unit." : $"{outcome.Differences.Count} differences");
            return outcome.Differences.Count == 0 ? 0 : 1;
        }
        catch (SimulationException e)
        {
            throw new BenchFailedException($"seed {seed}: {e.Message}");
        }
    }
}
