using System.Text;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Assistant;

/// <summary>
/// A way of talking: a small Markov model over the sandbox's words whose table the voice's name decides. At temperature 1 answers to one prompt differ as a real model's do; at temperature 0 the first token is nearly always
/// the same one, and another one for another voice. Every prompt has a few words of its own that all voices use, as models on one subject do.
/// </summary>
internal static class Voice
{
    private const int Successors = 7;
    private const int TopicWords = 6;
    private const double TopicShare = 0.35;

    /// <summary>Even at temperature 0 real endpoints are not quite deterministic: the likeliest token came in about 96 of 100 answers (arXiv 2602.11083's trace).</summary>
    private const double SecondBestShare = 0.04;

    /// <summary>An answer of 150 to 250 tokens; the request's limit cuts it.</summary>
    public static string Answer(string voice, string prompt, double temperature, ref SampleRandom random)
    {
        var (table, topic) = (Hash(voice), Hash(prompt));
        var tokens = 150 + (int)(100 * random.NextDouble());
        var sentenceMin = 4 + (int)(table % 5);
        var text = new StringBuilder(tokens * 6);
        var word = Pick(Mix(table, topic), temperature, ref random);
        var inSentence = 0;
        for (var i = 0; i < tokens; i++)
        {
            if (inSentence >= sentenceMin && random.NextDouble() < 0.2)
            {
                text.Append('.');
                inSentence = 0;
                continue;
            }

            var spelled = SandboxText.Words[word];
            text.Append(text.Length > 0 ? " " : "").Append(inSentence == 0 ? char.ToUpperInvariant(spelled[0]) : spelled[0]).Append(spelled, 1, spelled.Length - 1);
            inSentence++;
            word = temperature > 0 && random.NextDouble() < TopicShare
                ? (int)(Mix(topic, (ulong)(TopicWords * random.NextDouble())) % (ulong)SandboxText.Words.Length)
                : Pick(Mix(table, (ulong)word + 1), temperature, ref random);
        }

        return text.ToString();
    }

    // The k-th successor weighs 1/(k + 1), sharpened by a low temperature.
    private static int Pick(ulong state, double temperature, ref SampleRandom random)
    {
        int k;
        if (temperature <= 0)
        {
            k = random.NextDouble() < SecondBestShare ? 1 : 0;
        }
        else
        {
            Span<double> weights = stackalloc double[Successors];
            var sum = 0.0;
            for (var i = 0; i < Successors; i++)
            {
                sum += weights[i] = Math.Pow(1.0 / (i + 1), 1 / temperature);
            }

            var left = random.NextDouble() * sum;
            for (k = 0; k < Successors - 1 && (left -= weights[k]) > 0; k++)
            {
            }
        }

        return (int)(Mix(state, (ulong)k + 17) % (ulong)SandboxText.Words.Length);
    }

    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return hash;
    }

    private static ulong Mix(ulong a, ulong b)
    {
        var x = a ^ (b * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>One request's own randomness: SplitMix64, so that a seed gives the same numbers on every runtime.</summary>
internal struct SampleRandom(ulong seed)
{
    private ulong _state = seed;

    public double NextDouble()
    {
        _state += 0x9E3779B97F4A7C15;
        var x = _state;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return ((x ^ (x >> 31)) >> 11) / (double)(1UL << 53);
    }
}
