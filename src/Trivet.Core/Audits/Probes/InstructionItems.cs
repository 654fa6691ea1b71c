namespace Trivet.Core.Audits.Probes;

/// <summary>Constraints on form that can be counted.</summary>
internal static class InstructionItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        var word = draw.Word();
        switch (draw.Number(0, 2))
        {
            case 0:
                var (lines, city) = (draw.Number(3, 6), draw.City());
                return (
                    new ProbeQuestion(draw.Say($"Write exactly {lines} lines about a {word} in {city}. Every line begins with \"- \" and holds the word \"{word}\". Write nothing else.", $"写恰好 {lines} 行关于{city}的一个 {word} 的内容。每行以“- ”开头并包含单词“{word}”，不要写其他内容。"), 300),
                    string.Join('\n', Enumerable.Repeat($"- A {word} is here.", lines)), answer => Lines(answer) is var all && all.Length == lines && all.All(line => line.StartsWith("- ", StringComparison.Ordinal) && line.Contains(word, StringComparison.OrdinalIgnoreCase)));
            case 1:
                var words = draw.SomeWords(3);
                return (
                    new ProbeQuestion(
                        draw.Say(
                            $"Write one sentence, all in lower-case letters, that holds the words {words[0]}, {words[1]} and {words[2]} in this order. Write nothing else.",
                            $"用英文写一个全部小写的句子，依次包含单词 {words[0]}、{words[1]} 和 {words[2]}，不要写其他内容。"), 200),
                    $"the {words[0]}, the {words[1]} and the {words[2]} are here.", answer => IsInOrder(answer.Text, words));
            default:
                var (first, last) = (draw.Number(2, 7), draw.Word() + draw.Word());
                return (
                    new ProbeQuestion(
                        draw.Say($"Count from 1 to {first + 4}, one number per line, and write the word {last} instead of {first}. Write nothing else.", $"从 1 数到 {first + 4}，每行一个数字，但把 {first} 换成单词 {last}，不要写其他内容。"), 150),
                    string.Join('\n', Counted(first, last)), answer => Lines(answer).SequenceEqual(Counted(first, last)));
        }
    }

    private static IEnumerable<string> Counted(int first, string last) => Enumerable.Range(1, first + 4).Select(i => i == first ? last : $"{i}");

    private static string[] Lines(ProbeAnswer answer) => answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsInOrder(string text, string[] words)
    {
        var at = 0;
        foreach (var word in words)
        {
            at = text.IndexOf(word, at, StringComparison.Ordinal);
            if (at < 0)
                return false;
            at += word.Length;
        }

        return !text.Any(char.IsUpper);
    }
}
