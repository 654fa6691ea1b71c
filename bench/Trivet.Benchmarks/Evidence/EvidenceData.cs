using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Trivet.Core.Routing.Difficulty;

namespace Trivet.Benchmarks.Evidence;

/// <summary>Sampled answers of two models to the same prompts.</summary>
/// <param name="Name">The file's.</param>
/// <param name="Claimed">The model that is sold.</param>
/// <param name="Foreign">The one that may be served instead.</param>
/// <param name="Answers">Prompt by prompt: answers of the claimed, answers of the foreign one.</param>
internal sealed record AnswerSet(string Name, string Claimed, string Foreign, IReadOnlyList<(string[] Claimed, string[] Foreign)> Answers);

/// <summary>One request of a trace: when, how long, and the ids of its 512-token blocks, equal ids for equal prefixes.</summary>
internal sealed record TraceRequest(long TimeMs, int InputTokens, ulong[] Blocks);

/// <summary>Reads the data that methods are held against; EVIDENCE_FACTS.md says where it comes from.</summary>
internal sealed class EvidenceData
{
    private readonly string _directory;

    public EvidenceData(string? directory) => _directory = directory ?? Find();

    /// <summary>Every <c>answers-*.jsonl.gz</c>; the first array of a line is the claimed model's.</summary>
    public IEnumerable<AnswerSet> Answers() => Directory.EnumerateFiles(_directory, "answers-*.jsonl.gz").Order(StringComparer.Ordinal).Select(ReadAnswers);

    public IReadOnlyList<TraceRequest> Trace()
    {
        var requests = new List<TraceRequest>();
        foreach (var line in Lines("mooncake-conversation.jsonl.gz"))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            requests.Add(new TraceRequest(root.GetProperty("timestamp").GetInt64(), root.GetProperty("input_length").GetInt32(), [.. root.GetProperty("hash_ids").EnumerateArray().Select(id => id.GetUInt64())]));
        }

        return requests;
    }

    public IReadOnlyList<GradedText> Questions()
    {
        using var text = Open(Path.Combine("routellm", "gsm8k_responses.csv.gz"));
        return GradedTable.TryRead(text, out var problem) ?? throw new BenchFailedException($"gsm8k_responses.csv.gz: {problem}.");
    }

    private AnswerSet ReadAnswers(string file)
    {
        var (claimed, foreign) = ("", "");
        var answers = new List<(string[], string[])>();
        foreach (var line in Lines(Path.GetFileName(file)))
        {
            using var document = JsonDocument.Parse(line);
            var models = document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Array).ToList();
            if (models.Count < 2)
                throw new BenchFailedException($"{file}: a line without two models' answers.");
            (claimed, foreign) = (models[0].Name, models[1].Name);
            answers.Add((Texts(models[0].Value), Texts(models[1].Value)));
        }

        return new AnswerSet(Path.GetFileName(file).Replace(".jsonl.gz", "", StringComparison.Ordinal), claimed, foreign, answers);
    }

    private static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString() ?? "")];

    private IEnumerable<string> Lines(string name)
    {
        using var text = Open(name);
        while (text.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return line;
        }
    }

    private StreamReader Open(string name)
    {
        var path = Path.Combine(_directory, name);
        return File.Exists(path)
            ? new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8)
            : throw new BenchFailedException($"There is no {path}. Say where the data is with --data.");
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(Environment.CurrentDirectory); directory is not null; directory = directory.Parent)
        {
            foreach (var candidate in new[] { Path.Combine(directory.FullName, "shared", "evidence"), Path.Combine(directory.FullName, "evidence") })
            {
                if (File.Exists(Path.Combine(candidate, "mooncake-conversation.jsonl.gz")))
                    return candidate;
            }
        }

        throw new BenchFailedException(string.Create(CultureInfo.InvariantCulture, $"No evidence directory is beside {Environment.CurrentDirectory} or above it. Say where it is with --data."));
    }
}
