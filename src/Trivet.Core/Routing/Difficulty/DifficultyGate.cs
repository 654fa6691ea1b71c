using System.Collections.Concurrent;

namespace Trivet.Core.Routing.Difficulty;

/// <summary>
/// Whether a question is hard, by a router that is trained and judged beside the requests when one is first asked about. Until that is done, and for good where it does not beat prompt length, it has no opinion.
/// </summary>
/// <param name="judged">Told of each table once: whether its router is used, and the verdict; null where the table could not be read, with the problem.</param>
internal sealed class DifficultyGate(Action<DifficultyConfig, RouterVerdict?, string> judged)
{
    private const int Seed = 1;
    private const int GzipMagic = 0x1F;

    private readonly ConcurrentDictionary<string, Lazy<Task<Judge?>>> _judges = new(StringComparer.Ordinal);

    /// <summary>Null: no opinion.</summary>
    public bool? IsHard(DifficultyConfig config, string question)
    {
        var training = _judges.GetOrAdd(config.TablePath, static (_, made) => new Lazy<Task<Judge?>>(() => Task.Run(() => made.Gate.Train(made.Config))), (Gate: this, Config: config)).Value;
        return training is { IsCompletedSuccessfully: true, Result: { } judge } ? judge.Router.Gain(question) >= judge.ThresholdFor(config.StrongPercent) : null;
    }

    /// <summary>Waits until a table has been judged, for tests.</summary>
    internal Task SettledAsync(DifficultyConfig config) => _judges.TryGetValue(config.TablePath, out var training) ? training.Value : Task.CompletedTask;

    private Judge? Train(DifficultyConfig config)
    {
        var questions = Read(config.TablePath, out var problem);
        var verdict = questions is null ? null : RouterVerdict.Of(questions, Seed);
        judged(config, verdict, problem);
        if (questions is null || verdict is not { MayBeUsed: true })
            return null;
        var router = DifficultyRouter.Train(questions);
        return new Judge(router, [.. questions.Select(question => router.Gain(question.Text)).Order()]);
    }

    private static IReadOnlyList<GradedText>? Read(string path, out string problem)
    {
        try
        {
            using var file = File.OpenRead(path);
            var isPacked = file.ReadByte() == GzipMagic;
            file.Position = 0;
            using var text = new StreamReader(isPacked ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress) : file);
            return GradedTable.TryRead(text, out problem);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            problem = exception.Message;
            return null;
        }
    }

    private sealed record Judge(DifficultyRouter Router, double[] Gains)
    {
        public double ThresholdFor(int strongPercent) => Gains[Math.Clamp(Gains.Length * (100 - strongPercent) / 100, 0, Gains.Length - 1)];
    }
}
