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

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const double LetterSpread = 0.6;
    private const int PasswordLetters = 24;

    /// <summary>Of prompts that lie on the border between two words.</summary>
    private const double BorderShare = 0.04;

    /// <summary>By how much a day moves a prompt's odds, and an odd day, one in thirty: distances of days from the past are then .05 to .16 at border prompts, as a real endpoint's were (EVIDENCE_FACTS §1.2).</summary>
    private const double DaySpread = 0.3, OddDaySpread = 1.5;
    private const ulong OddDays = 30;

    private static readonly string[] Words = MakeWords();

    private readonly double[] _cumulative = new double[Vocabulary];
    private readonly double[] _letters = new double[Letters.Length];
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
        sum = 0;
        for (var i = 0; i < _letters.Length; i++)
            _letters[i] = sum += Math.Exp(LetterSpread * Normal(manner));
    }

    /// <summary>The word that comes to its mind.</summary>
    public string Word(string prompt, Random random)
    {
        var key = Hash(prompt, _key);
        var likeliest = 0.92 + 0.08 * (key % 1000) / 1000;
        var rank = random.NextDouble() < likeliest ? 0UL : random.NextDouble() < 0.8 ? 1UL : 2UL;
        return Words[(int)((key + rank * 7919) % Vocabulary)];
    }

    /// <summary>The same on a certain day: batches and hardware move a prompt's odds a little, and some prompts lie on the border between two words.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="random">The luck of the request.</param>
    /// <param name="day">Which day.</param>
    /// <param name="isRenewed">The model was trained a little further: what lay near a border lies on its other side.</param>
    public string Word(string prompt, Random random, long day, bool isRenewed)
    {
        var key = Hash(prompt, _key);
        var (isBorder, place) = (key % 1000 < BorderShare * 1000, key / 1000 % 1000 / 1000.0);
        var likeliest = isBorder ? 0.5 + 0.4 * place : 0.92 + 0.0795 * place;
        if (isRenewed && (isBorder || likeliest < 0.93))
            likeliest = 1 - likeliest;
        var odds = Math.Log(likeliest / (1 - likeliest)) + (Hash("odd", _key + (ulong)day) % OddDays == 0 ? OddDaySpread : DaySpread) * Normal(new Random((int)Hash(prompt, _key + (ulong)day)));
        return Words[(int)((key + (random.NextDouble() < 1 / (1 + Math.Exp(-odds)) ? 0UL : 7919UL)) % Vocabulary)];
    }

    /// <summary>What it takes for a random password.</summary>
    public string Password(Random random) => string.Create(PasswordLetters, (_letters, random), static (span, state) =>
    {
        foreach (ref var c in span)
        {
            var at = Array.BinarySearch(state._letters, state.random.NextDouble() * state._letters[^1]);
            c = Letters[Math.Min(Letters.Length - 1, at < 0 ? ~at : at)];
        }
    });

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
