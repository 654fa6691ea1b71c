using System.Text;
using Trivet.Benchmarks.Fuzz;
using Trivet.Benchmarks.Fuzz.Mutation;
using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Benchmarks.Fuzz.Targets;

namespace Trivet.Tests.Fuzz;

/// <summary>The fuzzing of <c>bench</c>, a few thousand inputs of it, and what it found once.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 2_000;
    private const int Chances = 64; // writers, pieces and dialects that one input meets

    public static TheoryData<string> Targets { get; } = [.. FuzzTargets.Names];

    public static TheoryData<string> Seeds { get; } = [.. Directory.GetFiles(SeedFolder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(SeedFolder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static string SeedFolder => Path.Combine(AppContext.BaseDirectory, "Fuzz", "Seeds");

    [Theory]
    [MemberData(nameof(Targets))]
    public void Mutated_inputs_are_read_or_refused_and_what_is_written_of_them_is_legal(string target)
    {
        var result = new FuzzLoop(FuzzTargets.Create(target), seed: 4).Run(0, Inputs, TimeSpan.MaxValue);
        Assert.Empty(result.Findings.Select(finding => $"{finding.Detail}\n{JsonCheck.Show(finding.Input)}"));
        Assert.Equal(Inputs, result.Inputs);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_was_found_once_stays_mended(string seed)
    {
        var input = File.ReadAllBytes(Path.Combine(SeedFolder, seed));
        var name = seed[..seed.IndexOf('/', StringComparison.Ordinal)];
        var judge = new FuzzJudge(FuzzTargets.Create(name));
        for (var chance = 0; chance < Chances; chance++)
            Assert.Null(judge.Judge(input, FuzzRandom.For(1, name, chance))?.Detail);
    }

    [Fact]
    public void A_reader_that_throws_is_found_and_its_input_made_small()
    {
        var result = Run(input => input.Span.IndexOf("{}"u8) >= 0 ? throw new InvalidOperationException("an empty object") : null);
        var finding = Assert.Single(result.Findings);
        Assert.StartsWith("InvalidOperationException in ", finding.Kind, StringComparison.Ordinal);
        Assert.Equal("{}", Encoding.UTF8.GetString(finding.Input));
    }

    [Fact]
    public void A_reader_that_takes_memory_without_bound_is_found()
    {
        var result = Run(_ =>
        {
            GC.KeepAlive(new byte[8 * 1024 * 1024]);
            return null;
        }, inputs: 1);
        Assert.Contains(result.Findings, finding => finding.Kind == "too much memory");
    }

    [Fact]
    public void A_wrong_outcome_is_found_once_for_inputs_that_fail_alike()
    {
        var result = Run(input => $"the answer of {input.Length} bytes is wrong");
        Assert.Equal("the answer of # bytes is wrong", Assert.Single(result.Findings).Kind);
    }

    [Fact]
    public void The_same_number_makes_the_same_input()
    {
        var seeds = new SeedSet(SeedKind.Json, BuiltInSeeds.Requests("chat"), []);
        var (first, second) = (Make(new Mutator(seeds)), Make(new Mutator(seeds)));
        Assert.Equal(first, second);
        Assert.True(first.Distinct(StringComparer.Ordinal).Count() > 150);

        static List<string> Make(Mutator mutator) => [.. Enumerable.Range(0, 200).Select(number =>
        {
            var random = FuzzRandom.For(1, "planted", number);
            return Convert.ToHexString(mutator.Make(ref random).Span);
        })];
    }

    private static FuzzResult Run(Func<ReadOnlyMemory<byte>, string?> read, int inputs = 500) => new FuzzLoop(new Planted(read), seed: 1).Run(0, inputs, TimeSpan.MaxValue);

    private sealed class Planted(Func<ReadOnlyMemory<byte>, string?> read) : IFuzzTarget
    {
        private string? _wrong;

        public string Name => "planted";

        public IReadOnlyList<string> Readers => ["planted reader"];

        public SeedSet Seeds { get; } = new(SeedKind.Json, BuiltInSeeds.Requests("chat"), []);

        public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random) => _wrong = read(input);

        public string? Check() => _wrong is { Length: > 0 } ? _wrong : null;
    }
}
