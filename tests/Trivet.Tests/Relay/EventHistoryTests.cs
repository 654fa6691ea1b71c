using System.Text;
using Trivet.Core.Relay.Continuing;
using Trivet.Wire.Json;

namespace Trivet.Tests.Relay;

public sealed class EventHistoryTests
{
    [Fact]
    public void What_was_kept_comes_back_as_it_was()
    {
        string[] events =
        [
            """{"id":"a","delta":{"content":"one"},"pad":"xyz"}""", """{"id":"a","delta":{"content":"two"},"pad":"q"}""", """{"id":"a","delta":{"content":"two"},"pad":"q"}""",
            "{}", "", "{}", "{}}", "aa", "aaa", "a", new string('x', 40_000), new string('x', 39_999) + "y",
        ];

        Assert.Equal(Text(events), Kept(events));
    }

    [Fact]
    public void Whatever_events_are_they_come_back()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var events = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new string([.. Enumerable.Range(0, random.Next(0, 9)).Select(_ => "ab"[random.Next(2)])])).ToArray();
            Assert.Equal(Text(events), Kept(events));
        }
    }

    [Fact]
    public void Events_that_repeat_each_other_take_what_differs()
    {
        using var history = new EventHistory();
        for (var i = 0; i < 100; i++)
            history.Add(Encoding.UTF8.GetBytes($$"""{"id":"chatcmpl-0123456789","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"w{{i}}"},"finish_reason":null}],"obfuscation":"{{i * 7919}}"}"""));

        Assert.InRange(history.Bytes, 1, 100 * 80);
    }

    [Fact]
    public void After_it_was_read_it_begins_anew()
    {
        using var history = new EventHistory();
        using var events = new PooledBuffer();
        history.Add("{\"a\":1}"u8);
        history.WriteTo(events);
        events.Clear();
        history.Add("{\"a\":2}"u8);
        history.WriteTo(events);

        Assert.Equal("data: {\"a\":2}\n\n", Encoding.UTF8.GetString(events.WrittenSpan));
        Assert.Equal(0, history.Bytes);
    }

    private static string Text(IEnumerable<string> events) => string.Concat(events.Select(e => $"data: {e}\n\n"));

    private static string Kept(IEnumerable<string> events)
    {
        using var history = new EventHistory();
        using var written = new PooledBuffer();
        foreach (var e in events)
            history.Add(Encoding.UTF8.GetBytes(e));
        history.WriteTo(written);
        return Encoding.UTF8.GetString(written.WrittenSpan);
    }
}
