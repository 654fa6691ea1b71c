using System.Text.Json;

namespace Trivet.Core.Audits.Probes;

/// <summary>A note in which facts are to be found and given as JSON.</summary>
internal static class ExtractionItems
{
    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        var (name, other, city, amount, order, isPaid) = (draw.Name(), draw.Name(), draw.City(), draw.Number(120, 4800), draw.Code(7).ToUpperInvariant(), draw.Number(0, 1) == 1);
        var expected = new Dictionary<string, object>(StringComparer.Ordinal) { ["customer"] = name, ["city"] = city, ["amount"] = amount, ["order"] = order, ["paid"] = isPaid };
        var text = draw.Say(
            $"From this note, make a JSON object with the fields customer (string), city (string), amount (number), order (string), paid (boolean), and nothing else:\n\nSpoke to {other} from logistics this morning. The parcel of {name} "
            + $"goes to {city} now, not where the first label said. It is order {order}, {amount} euros in all; {(isPaid ? "the money came in on Friday" : "no money has come in yet")}.",
            $"根据下面的便条生成一个 JSON 对象，只包含字段 customer（字符串）、city（字符串）、amount（数字）、order（字符串）、paid（布尔值）：\n\n今早和物流部的{other}通了电话。{name}的包裹改寄{city}，不是第一张面单上的地址。"
            + $"订单号 {order}，总共 {amount} 元，{(isPaid ? "款项周五已到账" : "款项尚未到账")}。");
        return (new ProbeQuestion(text, 300), JsonSerializer.Serialize(expected), answer => Judge.JsonIs(answer.Text, expected));
    }
}
