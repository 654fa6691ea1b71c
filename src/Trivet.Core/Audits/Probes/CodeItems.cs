namespace Trivet.Core.Audits.Probes;

/// <summary>Short programs to be run by hand.</summary>
internal static class CodeItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        var (code, result) = draw.Number(0, 1) == 0 ? Loop(draw) : Stack(draw);
        var question = draw.Say($"What does this Python program print? End with the number alone on the last line.\n\n{code}", $"这段 Python 程序输出什么？最后一行只写数字。\n\n{code}");
        return (new ProbeQuestion(question, 500), $"{result}", answer => Judge.LastNumberIs(answer, result));
    }

    private static (string, long) Loop(Draw draw)
    {
        var (start, end, modulus, plus, minus) = (draw.Number(1, 9), draw.Number(6, 11), draw.Number(2, 4), draw.Number(2, 9), draw.Number(1, 5));
        long x = start;
        for (var i = 0; i < end; i++)
            x = i % modulus == 0 ? x * 2 - minus : x + plus;
        return ($"x = {start}\nfor i in range({end}):\n    if i % {modulus} == 0:\n        x = x * 2 - {minus}\n    else:\n        x = x + {plus}\nprint(x)", x);
    }

    private static (string, long) Stack(Draw draw)
    {
        var numbers = Enumerable.Range(0, 8).Select(_ => draw.Number(1, 30)).ToList();
        var limit = draw.Number(8, 18);
        var stack = new List<int>();
        foreach (var n in numbers)
        {
            if (n > limit && stack.Count > 0)
                stack[^1] += n;
            else
                stack.Add(n);
        }

        return ($"s = []\nfor n in [{string.Join(", ", numbers)}]:\n    if n > {limit} and s:\n        s[-1] += n\n    else:\n        s.append(n)\nprint(len(s) * 100 + s[0])", stack.Count * 100 + stack[0]);
    }
}
