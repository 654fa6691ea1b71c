using System.Buffers;
using System.Text.Json;
using Trivet.Benchmarks.Load;
using Trivet.Benchmarks.Vendor;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Micro;

/// <summary>What single steps of a request cost, beside the least that any reader of the same bytes would pay. Times are the least of the rounds of one run; bytes are exact.</summary>
internal static class MicroBench
{
    private const int Rounds = 15;

    public static void Run()
    {
        var agent = AgentBody.Make(VendorModels.ChatPlain);
        var stream = VendorAnswers.Join(VendorAnswers.ChatEvents(VendorModels.Burst));
        Console.WriteLine($"{"step",-58}{"µs",10}{"bytes",10}");
        Step("88 kB body: a bare Utf8JsonReader over every token", () => ReadTokens(agent));
        var scan = new RequestScan();
        Step("88 kB body: scan", () =>
        {
            scan.Reset();
            AnthropicMessagesScan.TryScan(agent, scan, out _);
        });
        Step("88 kB body: read to canonical and write as Chat", () =>
        {
            AnthropicMessagesRequestReader.TryRead(agent, out var request, out _);
            using var output = new PooledBuffer();
            OpenAIChatRequestWriter.Write(request!, OpenAIChatDialect.Default, "m", output, new LossList());
        });
        Step("88 kB body: JsonDocument parse and write again", () =>
        {
            using var document = JsonDocument.Parse(agent);
            using var output = new PooledBuffer();
            using var writer = new Utf8JsonWriter(output);
            document.WriteTo(writer);
        });
        var cut = new Cut(stream);
        Step("103-event stream: cut and tap", cut.Run);
        Step("103-event stream: Chat to Messages", () =>
        {
            using var output = new PooledBuffer();
            var writer = new AnthropicMessagesStreamWriter(output, new ResponseWriterOptions { FallbackId = "x", FallbackModel = "m", CreatedAt = 1 }, new LossList());
            using var reader = new SseReader();
            reader.Feed(stream, new OpenAIChatStreamReader(writer, OpenAIChatDialect.Default));
        });
    }

    private static void ReadTokens(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
        }
    }

    private static void Step(string name, Action step)
    {
        for (var i = 0; i < 300; i++)
            step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        step();
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        var times = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var cpu = Environment.CpuUsage.TotalTime; // not the clock: other processes would be in it
            for (var i = 0; i < 100; i++)
                step();
            times[round] = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / 100;
        }

        Array.Sort(times);
        Console.WriteLine($"{name,-58}{times[0],10:0.0}{bytes,10:#,0}");
    }

    private sealed class Cut(byte[] stream) : ISseHandler
    {
        private readonly AnswerTap _tap = new();
        private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

        public void Run()
        {
            _tap.Reset();
            _output.ResetWrittenCount();
            using var reader = new SseReader();
            reader.Feed(stream, this);
        }

        public void OnEvent(in SseEvent e)
        {
            OpenAIChatTap.Observe(e, _tap);
            _output.Write(e.Raw);
        }
    }
}
