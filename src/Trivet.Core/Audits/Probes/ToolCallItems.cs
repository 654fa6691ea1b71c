using System.Text.Json;

namespace Trivet.Core.Audits.Probes;

/// <summary>A wish that is one call of the tool on offer, with arguments to be taken from what was said.</summary>
internal static class ToolCallItems
{
    private const string Schema = """{"type":"object","properties":{"title":{"type":"string"},"city":{"type":"string"},"day":{"type":"string","description":"YYYY-MM-DD"},"minutes":{"type":"integer"},"online":{"type":"boolean"}},"required":["title","city","day","minutes","online"]}""";

    public static (ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight) Make(Draw draw)
    {
        var (title, city, month, day, hours, isOnline) = (draw.Word() + " review", draw.City(), draw.Number(1, 12), draw.Number(1, 28), draw.Number(1, 3), draw.Number(0, 1) == 1);
        var expected = new Dictionary<string, object>(StringComparer.Ordinal) { ["title"] = title, ["city"] = city, ["day"] = $"2027-{month:00}-{day:00}", ["minutes"] = hours * 60 + 15, ["online"] = isOnline };
        var text = draw.Say(
            $"Please plan the meeting \"{title}\" in {city} on day {day} of month {month}, 2027. It takes {hours} h 15 min; {(isOnline ? "everybody joins by video" : "everybody comes in person")}.",
            $"请安排会议“{title}”，地点{city}，时间 2027 年 {month} 月 {day} 日，时长 {hours} 小时 15 分钟，{(isOnline ? "大家都通过视频参加（线上）" : "大家都到现场参加（线下）")}。");
        return (
            new ProbeQuestion(text, 300) { Tool = new ProbeTool("plan_meeting", "Puts a meeting into the calendar.", Schema, IsForced: false) }, JsonSerializer.Serialize(expected), answer => Judge.JsonIs(answer.Arguments, expected));
    }
}
