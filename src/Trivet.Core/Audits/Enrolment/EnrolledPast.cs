namespace Trivet.Core.Audits.Enrolment;

/// <summary>A prompt that was answered with one and the same word whenever it was asked at temperature 0.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="Word">What was said.</param>
public sealed record PastWord(string Prompt, string Word);

/// <summary>A prompt on the border between words: at temperature 0 it was answered now with one, now with another.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="Words">What was said, time after time.</param>
public sealed record PastBorder(string Prompt, IReadOnlyList<string> Words);

/// <summary>
/// What an offering answered when it was enrolled: what it is held against later, where nobody is named as its reference. That can show that it has changed since, and never that it is not the model it is sold as: it may
/// have been another one all along, or its vendor may have renewed it. Bounded: a few dozen prompts and their words.
/// </summary>
public sealed record EnrolledPast
{
    /// <summary>Words that are kept.</summary>
    public const int WordsMax = 24;

    /// <summary>Border prompts that are kept; from <see cref="BordersMin"/> on they are asked.</summary>
    public const int BordersMax = 8;

    /// <summary>The fewest border prompts that can tell anything.</summary>
    public const int BordersMin = 5;

    /// <summary>Prompts that are tried at most; who has fewer border prompts among them is not looked at by them.</summary>
    public const int TriedMax = 150;

    /// <summary>Answers of each border prompt that are kept.</summary>
    public const int BorderAnswers = 20;

    /// <summary>Random strings that are kept; then the reserve takes their place.</summary>
    public const int StringsMax = 108;

    /// <summary><c>upstream/model</c>.</summary>
    public required string Offering { get; init; }

    /// <summary>When it was enrolled, Unix milliseconds.</summary>
    public required long SinceMs { get; init; }

    /// <summary>How it was asked: protocol and address. Answers given to other settings are no reference.</summary>
    public required string Settings { get; init; }

    /// <summary>Prompts tried so far, of which words and border prompts come.</summary>
    public int Tried { get; init; }

    /// <summary>It thinks before it speaks, so that there is no first word.</summary>
    public bool Thinks { get; init; }

    /// <summary>Prompts with their words.</summary>
    public IReadOnlyList<PastWord> Words { get; init; } = [];

    /// <summary>Border prompts with their words.</summary>
    public IReadOnlyList<PastBorder> Borders { get; init; } = [];

    /// <summary>Of one that thinks: random strings of all audits since <see cref="StringsSinceMs"/>.</summary>
    public IReadOnlyList<string> Strings { get; init; } = [];

    /// <summary>When the first of <see cref="Strings"/> was given, Unix milliseconds.</summary>
    public long StringsSinceMs { get; init; }

    /// <summary>Strings that no test has seen: the past of the time after <see cref="Strings"/> are full.</summary>
    public IReadOnlyList<string> Reserve { get; init; } = [];

    /// <summary>Nothing is missing.</summary>
    public bool IsWhole => Thinks || (Words.Count >= WordsMax && (Borders.Count >= BordersMax || Tried >= TriedMax));
}
