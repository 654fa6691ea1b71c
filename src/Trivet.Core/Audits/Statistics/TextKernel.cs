using System.Runtime.InteropServices;

namespace Trivet.Core.Audits.Statistics;

/// <summary>What of a text is compared.</summary>
internal enum TextFeatures
{
    /// <summary>Three characters in a row: wording, layout and language alike.</summary>
    Trigrams,

    /// <summary>Words, punctuation marks and line breaks, alone and in pairs; a Chinese, Japanese or Korean character is a word.</summary>
    Words,

    /// <summary>Characters, alone and in pairs: for random strings.</summary>
    Characters,
}

/// <summary>
/// Similarity of texts: the cosine of the square roots of how often features occur, 1 for equal texts, 0 for texts that share none. Only the beginning counts, so that answers of unlike length are compared on what
/// both have; leading white space is stripped, for some models' tokenizers begin every answer with a blank and the test would see nothing else. A feature that comes in the answers to many prompts counts more than one
/// that belongs to a single subject (the square root of the share of prompts). It looks at manner, not at meaning.
/// </summary>
internal static class TextKernel
{
    /// <summary>Characters that count, unless told otherwise: 1,000 found 20 % mixing more often than 400.</summary>
    public const int CharsMax = 1000;

    /// <summary>All pairs of <paramref name="texts"/>.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="prompts">For each, which prompt it answers: 0, 1, …</param>
    /// <param name="features">What is compared.</param>
    /// <param name="charsMax">Characters that count.</param>
    public static GramMatrix Gram(IReadOnlyList<string> texts, IReadOnlyList<int> prompts, TextFeatures features, int charsMax = CharsMax)
    {
        var kinds = new Dictionary<ulong, int>();
        var spectra = new Spectrum[texts.Count];
        for (var i = 0; i < spectra.Length; i++)
            spectra[i] = Spectrum.Of(texts[i], features, charsMax, kinds);
        Weigh(spectra, prompts, kinds.Count);
        var gram = new GramMatrix(spectra.Length);
        var dense = new float[kinds.Count];
        for (var i = 0; i < spectra.Length; i++)
        {
            // One text is spread out, so that each other one needs a single pass over what it holds.
            spectra[i].Scatter(dense);
            for (var j = i; j < spectra.Length; j++)
                gram[i, j] = gram[j, i] = spectra[j].Dot(dense);
            spectra[i].Clear(dense);
        }

        return gram;
    }

    private static void Weigh(Spectrum[] spectra, IReadOnlyList<int> prompts, int kinds)
    {
        var (promptsWith, lastPrompt) = (new float[kinds], new int[kinds]);
        Array.Fill(lastPrompt, -1);
        foreach (var i in Enumerable.Range(0, spectra.Length).OrderBy(i => prompts[i]))
            spectra[i].CountPrompt(prompts[i], promptsWith, lastPrompt);
        var all = prompts.Distinct().Count();
        for (var i = 0; i < kinds; i++)
            promptsWith[i] = MathF.Sqrt(promptsWith[i] / all);
        foreach (var spectrum in spectra)
            spectrum.Scale(promptsWith);
    }

    /// <summary>One text: which features, and how much of each.</summary>
    private readonly struct Spectrum(int[] kinds, float[] weights)
    {
        public static Spectrum Of(string text, TextFeatures features, int charsMax, Dictionary<ulong, int> known)
        {
            var read = text.AsSpan().TrimStart();
            read = read[..Math.Min(read.Length, charsMax)];
            var counts = new Dictionary<int, int>(read.Length);
            if (features == TextFeatures.Trigrams)
            {
                for (var i = 0; i + 2 < read.Length; i++)
                    Count(((ulong)read[i] << 32) | ((ulong)read[i + 1] << 16) | read[i + 2], known, counts);
            }
            else if (features == TextFeatures.Characters)
            {
                for (var i = 0; i < read.Length; i++)
                {
                    Count(read[i], known, counts);
                    if (i > 0)
                        Count(((ulong)read[i] << 16) | read[i - 1] | 1UL << 40, known, counts);
                }
            }
            else
            {
                var before = 0UL;
                for (var at = 0; NextWord(read, ref at) is { IsEmpty: false } word;)
                {
                    var hash = Hash(word);
                    Count(hash, known, counts);
                    if (before != 0)
                        Count(before * 0x9E3779B97F4A7C15 ^ hash, known, counts);
                    before = hash;
                }
            }

            return new Spectrum([.. counts.Keys], [.. counts.Values.Select(count => MathF.Sqrt(count))]);
        }

        public void CountPrompt(int prompt, float[] promptsWith, int[] lastPrompt)
        {
            foreach (var kind in kinds)
            {
                if (lastPrompt[kind] == prompt)
                    continue;
                lastPrompt[kind] = prompt;
                promptsWith[kind]++;
            }
        }

        public void Scale(float[] factors)
        {
            var squares = 0f;
            for (var i = 0; i < kinds.Length; i++)
            {
                weights[i] *= factors[kinds[i]];
                squares += weights[i] * weights[i];
            }

            var length = MathF.Sqrt(squares);
            for (var i = 0; i < weights.Length; i++)
                weights[i] /= length;
        }

        public void Scatter(float[] dense)
        {
            for (var i = 0; i < kinds.Length; i++)
                dense[kinds[i]] = weights[i];
        }

        public void Clear(float[] dense)
        {
            foreach (var kind in kinds)
                dense[kind] = 0;
        }

        public float Dot(float[] dense)
        {
            var sum = 0f;
            for (var i = 0; i < kinds.Length; i++)
                sum += dense[kinds[i]] * weights[i];
            return sum;
        }

        private static void Count(ulong feature, Dictionary<ulong, int> known, Dictionary<int, int> counts)
        {
            ref var kind = ref CollectionsMarshal.GetValueRefOrAddDefault(known, feature, out var isKnown);
            if (!isKnown)
                kind = known.Count - 1;
            CollectionsMarshal.GetValueRefOrAddDefault(counts, kind, out _)++;
        }

        private static ReadOnlySpan<char> NextWord(ReadOnlySpan<char> text, ref int at)
        {
            while (at < text.Length && text[at] is ' ' or '\t' or '\r')
                at++;
            var start = at;
            if (at == text.Length)
                return default;
            at++;
            if (text[start] == '\n')
            {
                while (at < text.Length && text[at] == '\n')
                    at++;
            }
            else if (IsLetter(text[start]))
            {
                while (at < text.Length && IsLetter(text[at]))
                    at++;
            }

            return text[start..at];
        }

        private static bool IsLetter(char c) => c < '⺀' && (char.IsLetterOrDigit(c) || c == '_');

        // FNV-1a: the same on every node, as string hashes are not.
        private static ulong Hash(ReadOnlySpan<char> word)
        {
            var hash = 14695981039346656037UL;
            foreach (var c in word)
                hash = (hash ^ c) * 1099511628211UL;
            return hash;
        }
    }
}

/// <summary>A symmetric matrix of similarities.</summary>
/// <param name="size">Rows and columns.</param>
internal sealed class GramMatrix(int size)
{
    private readonly float[] _values = new float[checked(size * size)];

    /// <summary>Rows and columns.</summary>
    public int Size => size;

    /// <summary>One similarity.</summary>
    public float this[int row, int column]
    {
        get => _values[row * size + column];
        set => _values[row * size + column] = value;
    }

    /// <summary>One row.</summary>
    public Span<float> Row(int row) => _values.AsSpan(row * size, size);

    /// <summary>The matrix of some of the texts, in the order given.</summary>
    public GramMatrix Select(ReadOnlySpan<int> indices)
    {
        var selected = new GramMatrix(indices.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<float> from = Row(indices[i]);
            var to = selected.Row(i);
            for (var j = 0; j < indices.Length; j++)
                to[j] = from[indices[j]];
        }

        return selected;
    }
}
