using System.Text;

namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>
/// What one model says: the same to the same prompt at temperature 0, as often as a real endpoint did from day to day (EVIDENCE_FACTS §1.2: the likeliest word in 92 to 100 of 100), and at temperature 1 words of a manner of
/// its own. Two models share their words and differ in how they like them.
/// </summary>
internal sealed class SimulatedModel
{
    private const int Vocabulary = 300;
    private const double MannerSpread = 0.7;

    private static readonly string[] Words = MakeWords();

    private readonly double[] _cumulative = new double[Vocabulary];
    private readonly ulong _key;

    public SimulatedModel(string name)
    {
        _key = Hash(name, 0x9E3779B97F4A7C15);
        var manner = new Random((int)_key);
        var sum = 0.0;
        for (var i = 0; i < Vocabulary; i++)
            _cumulative[i] = sum += Math.Exp(MannerSpread * Normal(manner)) / (i + 3);
        for (var i = 0; i < Vocabulary; i++)
            _cumulative[i] /= sum;
    }

    /// <summary>The word that comes to its mind.</summary>
    public string Word(string prompt, Random random)
    {
        var key = Hash(prompt, _key);
        var likeliest = 0.92 + 0.08 * (key % 1000) / 1000;
        var rank = random.NextDouble() < likeliest ? 0UL : random.NextDouble() < 0.8 ? 1UL : 2UL;
        return Words[(int)((key + rank * 7919) % Vocabulary)];
    }

    /// <summary>A paragraph of so many words.</summary>
    public string Paragraph(int words, Random random)
    {
        var text = new StringBuilder(words * 7);
        for (var i = 0; i < words; i++)
        {
            var at = Array.BinarySearch(_cumulative, random.NextDouble());
            text.Append(i == 0 ? "" : " ").Append(Words[Math.Min(Vocabulary - 1, at < 0 ? ~at : at)]);
            if (i % 11 == 10)
                text.Append('.');
        }

        return text.ToString();
    }

    private static ulong Hash(string text, ulong seed)
    {
        var hash = 14695981039346656037UL ^ seed;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash ^ (hash >> 29);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string[] MakeWords()
    {
        var random = new Random(7);
        const string Consonants = "bcdfghklmnprstvw", Vowels = "aeiou";
        return [.. Enumerable.Range(0, Vocabulary).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{Consonants[random.Next(16)]}{Vowels[random.Next(5)]}{(random.Next(3) == 0 ? "n" : "")}")))];
    }
}
