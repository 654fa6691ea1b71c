using System.Text;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;
using static Trivet.Tests.Wire.Gemini.GeminiAnswers;

namespace Trivet.Tests.Wire.Gemini;

/// <summary>Bytes that no vendor should send: nothing throws, and what comes out is legal all the same.</summary>
public sealed class GeminiRobustnessTests
{
    private static readonly string[] Snippets =
        ["null", "{}", "[]", "\"\"", "1e999", "-1", "true", "{\"text\":null}", "\"thought\":true,", "\"functionCall\":{},", "\"index\":1,", "[[[[", "}}", "\r\n\r\ndata: "];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_answers_are_read_or_refused_never_thrown_at(int seed)
    {
        var random = new Random(seed);
        foreach (var exchange in Corpus.All("gemini").Where(e => (e.Sse ?? e.ResponseBody)!.Length < 20_000))
        {
            for (var round = 0; round < 15; round++)
            {
                var bytes = Damage(exchange.Sse ?? exchange.ResponseBody!, random);
                if (exchange.Sse is null)
                    ReadWhole(bytes);
                else
                    ReadStream(bytes);
            }
        }
    }

    [Fact]
    public void A_text_event_is_read_and_written_without_allocating()
    {
        var output = new PooledBuffer();
        var reader = new GeminiStreamReader(new OpenAIChatStreamWriter(output, Options, new LossList()), GeminiDialect.Default);
        var data = Encoding.UTF8.GetBytes("""{"candidates": [{"content": {"parts": [{"text": "some words"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 43,"candidatesTokenCount": 18,"totalTokenCount": 61},"modelVersion": "gemini-3-pro","responseId": "r"}""");
        reader.OnEvent(new SseEvent { Raw = data, Data = data, HasData = true });
        var bytes = Allocation.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                output.Clear();
                reader.OnEvent(new SseEvent { Raw = data, Data = data, HasData = true });
            }
        });
        Assert.InRange(bytes, 0, 1000);
    }

    private static void ReadWhole(byte[] body)
    {
        var tap = new AnswerTap();
        GeminiTap.ObserveBody(body, tap);
        if (GeminiResponseReader.TryRead(body, GeminiDialect.Default, out var response, out var error))
        {
            GeminiLegality.CheckWhole(Write(response!), checkValues: false);
            ResponsePlayer.Play(response!, new OpenAIChatStreamWriter(new PooledBuffer(), Options, new LossList()));
        }
        else
        {
            Assert.NotEmpty(error!.Message);
        }
    }

    private static void ReadStream(byte[] stream)
    {
        var written = WriteStream(writer => Read(stream, writer, "split-7"));
        GeminiLegality.Check(written, checkValues: false);
        SseFeeding.Feed(stream, "split-8", new TapFeed(new AnswerTap()));
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var text = new List<byte>(bytes);
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text[at] = (byte)random.Next(256);
                    break;
                case 1:
                    text.RemoveRange(at, Math.Min(random.Next(1, 30), text.Count - at));
                    break;
                case 2:
                    text.InsertRange(at, Encoding.UTF8.GetBytes(Snippets[random.Next(Snippets.Length)]));
                    break;
                default:
                    Replace(text, random);
                    break;
            }

            if (text.Count == 0)
                break;
        }

        return [.. text];
    }

    // A whole value by another, so that the JSON stays valid and only its types are wrong.
    private static void Replace(List<byte> text, Random random)
    {
        var at = text.IndexOf((byte)':', random.Next(text.Count));
        var end = at < 0 ? -1 : text.FindIndex(at, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0)
            return;
        text.RemoveRange(at + 1, end - at - 1);
        text.InsertRange(at + 1, Encoding.UTF8.GetBytes(Snippets[random.Next(7)]));
    }

    private sealed class TapFeed(AnswerTap tap) : ISseHandler
    {
        public void OnEvent(in SseEvent e) => GeminiTap.Observe(e, tap);
    }
}
