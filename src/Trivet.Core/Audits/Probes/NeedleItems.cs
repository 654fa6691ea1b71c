using System.Text;

namespace Trivet.Core.Audits.Probes;

/// <summary>A fact in a long text: a context window that is shorter than sold, or prompts that are cut on the way, lose it.</summary>
internal static class NeedleItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw, int words)
    {
        var (name, code) = (draw.Name(), draw.Number(10_000, 99_999));
        var needle = draw.Say($"The number of {name}'s locker is {code}.", $"{name}的储物柜号码是 {code}。");
        var text = new StringBuilder(words * 8);
        var at = draw.Number(words / 10, words * 9 / 10);
        for (var written = 0; written < words; written += 9)
        {
            if (at >= written && at < written + 9)
                text.Append(needle).Append(' ');
            text.Append(draw.Say(
                $"The {draw.Word()} in {draw.City()} was moved next to the {draw.Word()} on day {draw.Number(1, 28)}. ", $"{draw.City()}的{draw.Word()}在{draw.Number(1, 28)}日移到了{draw.Word()}旁边。"));
        }

        var question = draw.Say($"{text}\n\nWhat is the number of {name}'s locker? End with the number alone on the last line.", $"{text}\n\n{name}的储物柜号码是多少？最后一行只写数字。");
        return (new ProbeQuestion(question, 100), $"{code}", answer => Judge.LastNumberIs(answer, code));
    }
}
