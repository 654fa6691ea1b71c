using System.Text;
using Trivet.Benchmarks.Vendor;

namespace Trivet.Benchmarks.Load;

/// <summary>What a complete answer is. A target that is fast because it answers wrongly must not be measured, so every answer is checked.</summary>
internal sealed class AnswerCheck
{
    private static readonly byte[] WordBytes = Encoding.UTF8.GetBytes(VendorAnswers.Word);

    private readonly byte[]? _exact;
    private readonly int _words;
    private readonly bool _mayHaveMore;
    private readonly byte[][] _needed;

    private AnswerCheck(byte[]? exact, int words, byte[][] needed, bool mayHaveMore = false)
    {
        _mayHaveMore = mayHaveMore;
        _exact = exact;
        _words = words;
        _needed = needed;
    }

    /// <summary>The same protocol on both sides: the vendor's bytes and no others.</summary>
    public static AnswerCheck Exactly(byte[] body) => new(body, 0, []);

    /// <summary>A translated answer: all text pieces, and what every complete answer of the protocol holds.</summary>
    public static AnswerCheck Holding(int words, params string[] needed) => new(null, words, [.. needed.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>All text pieces, which some protocols say again at the end.</summary>
    public static AnswerCheck AtLeast(int words) => new(null, words, [], mayHaveMore: true);

    /// <summary>Throws when the answer is not the expected one.</summary>
    public void Verify(in Answer answer)
    {
        var body = answer.Body.Span;
        var wrong =
            answer.Status != 200 ? $"status {answer.Status}"
            : _exact is not null && !body.SequenceEqual(_exact) ? $"{body.Length} bytes that differ from the vendor's {_exact.Length} at byte {body.CommonPrefixLength(_exact)}"
            : _exact is null && body.Count(WordBytes) is var words && (_mayHaveMore ? words < _words : words != _words) ? $"{words} text pieces instead of {_words}"
            : Missing(body) is { } missing ? $"no {missing}"
            : null;
        if (wrong is not null)
            throw new BenchFailedException($"wrong answer: {wrong}. It ends:\n{Encoding.UTF8.GetString(body[^Math.Min(body.Length, 600)..])}");
    }

    private string? Missing(ReadOnlySpan<byte> body)
    {
        foreach (var needed in _needed)
        {
            if (body.IndexOf(needed) < 0)
                return Encoding.UTF8.GetString(needed);
        }
        return null;
    }
}
