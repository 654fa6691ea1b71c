using Trivet.Core.Audits.Probes;

namespace Trivet.Core.Audits.Checks;

/// <summary>The questions for one word at temperature 0, and the random strings that models are asked for which think first.</summary>
internal static class FirstWords
{
    private const int WordTokens = 8;

    /// <summary>Asks for a password: what models take for random gives them away (arXiv 2606.03330; tehryanx/whorl). Room for thoughts.</summary>
    public static ProbeQuestion RandomString { get; } = new("Make up a random password of 24 letters and digits. Give only the password.", 2000);

    public static string Prompt(Draw draw) => $"Say one word that comes to mind at \"{draw.Word()} {draw.Word()}\". Only the word.";

    public static ProbeQuestion Question(string prompt) => new(prompt, WordTokens) { Temperature = 0 };

    /// <summary>The first word of an answer in small letters, quotes and emphasis before it aside; empty where thoughts have eaten the limit.</summary>
    public static string Of(ProbeAnswer answer)
    {
        var text = answer.Text.AsSpan();
        var (start, length) = (0, 0);
        while (start < text.Length && !char.IsLetterOrDigit(text[start]))
            start++;
        text = text[start..];
        while (length < text.Length && char.IsLetterOrDigit(text[length]))
            length++;
        return text[..length].ToString().ToLowerInvariant();
    }
}
