namespace Trivet.Core.Audits.Probes;

/// <summary>Letters of words: reversing, counting, picking, shifting.</summary>
internal static class StringItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        var word = draw.Word() + draw.Word();
        switch (draw.Number(0, 3))
        {
            case 0:
                return Ask(draw.Say($"Write \"{word}\" backwards. Give the result alone on the last line.", $"把“{word}”倒过来写，最后一行只写结果。"), string.Concat(word.Reverse()));
            case 1:
                var letter = word[draw.Number(0, word.Length - 1)];
                var count = word.Count(c => c == letter);
                var question = draw.Say($"How often does the letter \"{letter}\" occur in \"{word}\"? End with the number alone on the last line.", $"“{word}”中字母“{letter}”出现了几次？最后一行只写数字。");
                return (new ProbeQuestion(question, 300), $"{count}", answer => Judge.LastNumberIs(answer, count));
            case 2:
                var at = draw.Number(4, word.Length - 2);
                return Ask(
                    draw.Say($"Take the first {at} letters of \"{word}\", in capitals. Give the result alone on the last line.", $"取“{word}”的前 {at} 个字母并改为大写，最后一行只写结果。"), word[..at].ToUpperInvariant());
            default:
                var by = draw.Number(1, 4);
                var plain = word[..6];
                return Ask(
                    draw.Say($"Shift every letter of \"{plain}\" by {by} in the alphabet (z is followed by a). Give the result alone on the last line.", $"把“{plain}”的每个字母在字母表中向后移动 {by} 位（z 之后是 a），最后一行只写结果。"),
                    string.Concat(plain.Select(c => (char)('a' + (c - 'a' + by) % 26))));
        }
    }

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Ask(string text, string expected) => (new ProbeQuestion(text, 300), expected, answer => Judge.LastLineIs(answer, expected));
}
