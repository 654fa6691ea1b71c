namespace Trivet.Core.Audits.Probes;

/// <summary>Sums of several steps, bare or in a story.</summary>
internal static class ArithmeticItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw) => draw.Number(0, 2) switch
    {
        0 => Expression(draw),
        1 => Shop(draw),
        _ => Remainder(draw),
    };

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Expression(Draw draw)
    {
        var (a, b, c, d) = (draw.Number(12, 98), draw.Number(12, 98), draw.Number(100, 999), draw.Number(3, 19));
        return Ask(draw.Say($"Work out {a} * {b} - {c} * {d}. End with the result alone on the last line.", $"计算 {a} × {b} − {c} × {d}，最后一行只写结果。"), a * b - c * d);
    }

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Shop(Draw draw)
    {
        var (name, boxes, each, sold, days, broken) = (draw.Name(), draw.Number(6, 30), draw.Number(12, 48), draw.Number(5, 20), draw.Number(2, 5), draw.Number(2, 9));
        return Ask(
            draw.Say(
                $"{name} receives {boxes} boxes with {each} glasses each. {broken} glasses are broken. For {days} days {name} sells {sold} glasses a day. How many whole glasses are left? End with the number alone on the last line.",
                $"{name}收到 {boxes} 箱玻璃杯，每箱 {each} 个，其中 {broken} 个碎了。之后 {days} 天里每天卖出 {sold} 个。还剩多少个完好的杯子？最后一行只写数字。"),
            boxes * each - broken - days * sold);
    }

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Remainder(Draw draw)
    {
        var (a, b, m) = (draw.Number(200, 999), draw.Number(20, 99), draw.Number(7, 29));
        return Ask(draw.Say($"What is the remainder of {a} * {b} divided by {m}? End with the number alone on the last line.", $"{a} × {b} 除以 {m} 的余数是多少？最后一行只写数字。"), (long)a * b % m);
    }

    private static (ProbeQuestion, string, Func<ProbeAnswer, bool>) Ask(string text, long expected) => (new ProbeQuestion(text, 400), $"{expected}", answer => Judge.LastNumberIs(answer, expected));
}
