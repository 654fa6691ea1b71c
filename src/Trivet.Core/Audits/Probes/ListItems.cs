namespace Trivet.Core.Audits.Probes;

/// <summary>Lists: sorting, second largest, what two have in common, what is left.</summary>
internal static class ListItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        switch (draw.Number(0, 2))
        {
            case 0:
                var words = draw.SomeWords(7);
                return Ask(
                    draw.Say($"Sort these words by the alphabet: {string.Join(", ", words)}. Give them separated by commas on the last line.", $"把这些词按字母顺序排列：{string.Join(", ", words)}。最后一行用逗号分隔写出结果。"),
                    string.Join(", ", words.Order(StringComparer.Ordinal)));
            case 1:
                var numbers = Enumerable.Range(0, 9).Select(_ => draw.Number(100, 999)).Distinct().ToList();
                var second = numbers.OrderDescending().ElementAt(1);
                var question = draw.Say($"What is the second largest of {string.Join(", ", numbers)}? End with the number alone on the last line.", $"{string.Join("、", numbers)} 中第二大的数是哪个？最后一行只写数字。");
                return (new ProbeQuestion(question, 300), $"{second}", answer => Judge.LastNumberIs(answer, second));
            default:
                var all = draw.SomeWords(9);
                var (left, right) = (all[..6], all[3..]);
                return Ask(
                    draw.Say(
                        $"List A: {string.Join(", ", left)}. List B: {string.Join(", ", right.Reverse())}. Which words are in both? Give them in the order of list A, separated by commas, on the last line.",
                        $"列表 A：{string.Join(", ", left)}。列表 B：{string.Join(", ", right.Reverse())}。哪些词同时在两个列表中？按列表 A 的顺序、用逗号分隔写在最后一行。"),
                    string.Join(", ", all[3..6]));
        }
    }

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Ask(string text, string expected) =>
        (new ProbeQuestion(text, 400), expected, answer => Judge.LastLineIs(answer with { Text = answer.Text.Replace("，", ", ", StringComparison.Ordinal) }, expected));
}
