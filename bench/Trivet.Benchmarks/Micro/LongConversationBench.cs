using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Trivet.Benchmarks.Vendor;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Micro;

/// <summary>
/// Whether translating a conversation takes time in proportion to its length, in each of the twelve directions: twice the tokens, twice the time. A turn is what
/// a coding agent's is: text, a tool call, its result.
/// </summary>
internal static class LongConversationBench
{
    private const double BytesPerToken = 4;
    private const int TurnTokens = 500;

    /// <summary>How much the time per token may grow from the shortest to the longest, which is eight times as long. Linear is 1; quadratic is 8.</summary>
    private const double GrowthMax = 2;

    private static readonly int[] Lengths = [25_000, 50_000, 100_000, 200_000];
    private static readonly Protocol[] Protocols = [Protocol.OpenAIChat, Protocol.OpenAIResponses, Protocol.AnthropicMessages, Protocol.Gemini];

    /// <summary>0, or 1 where some direction grows faster than its conversations.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"translating a conversation, ms of CPU",-40}{string.Concat(Lengths.Select(tokens => $"{tokens / 1000 + "k",10}"))}{"200k:100k",12}{"growth per token",18}");
        var worst = 0.0;
        foreach (var client in Protocols)
        {
            byte[][] bodies = [.. Lengths.Select(tokens => Body(client, tokens))];
            foreach (var upstream in Protocols.Where(other => other != client))
            {
                double[] times = [.. bodies.Select(body => TimeMs(client, upstream, body))];
                var growth = times[^1] / times[0] / (Lengths[^1] / (double)Lengths[0]);
                worst = Math.Max(worst, growth);
                Console.WriteLine($"{VendorModels.Word(client) + " to " + VendorModels.Word(upstream),-40}{string.Concat(times.Select(ms => $"{ms,10:0.00}"))}{times[3] / times[2],12:0.00}{growth,18:0.00}");
            }
        }

        Console.WriteLine(worst <= GrowthMax ? $"ok      time grows with the length ({worst:0.00} at worst, allowed {GrowthMax:0.0})" : $"FAILED  time grows faster than the length ({worst:0.00} at worst, allowed {GrowthMax:0.0})");
        return worst <= GrowthMax ? 0 : 1;
    }

    // The least of several runs: whatever else the machine does only adds to it.
    private static double TimeMs(Protocol client, Protocol upstream, byte[] body)
    {
        var offering = OfferingOf(upstream);
        using var output = new PooledBuffer();
        var least = double.MaxValue;
        var clock = Stopwatch.StartNew();
        for (var run = 0; run < 40 || (clock.ElapsedMilliseconds < 1_000 && run < 200); run++)
        {
            output.Clear();
            var cpu = Environment.CpuUsage.TotalTime;
            if (!WireFormats.For(client).TryReadRequest(body, out var request, out var error))
                throw new InvalidOperationException(error!.Message);
            WireFormats.For(upstream).WriteRequest(request!, offering, output, new LossList());
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
        }

        return least;
    }

    private static byte[] Body(Protocol client, int tokens)
    {
        if (!AnthropicMessagesRequestReader.TryRead(Messages(tokens), out var request, out var error))
            throw new InvalidOperationException(error!.Message);
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(client).WriteRequest(request!, OfferingOf(client), output, new LossList());
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Messages(int tokens)
    {
        var text = new StringBuilder();
        while (text.Length < TurnTokens * BytesPerToken / 2)
            text.Append("The file holds \"names\" and C:\\\\paths of the project, line by line.\n");
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("model", "m");
        json.WriteNumber("max_tokens", 1024);
        json.WriteStartArray("messages");
        for (var turn = 0; turn < tokens / TurnTokens; turn++)
        {
            json.WriteRawValue($$"""{"role":"user","content":{{(turn == 0 ? "\"Begin.\"" : Result(turn - 1, text.ToString()))}}}""");
            json.WriteRawValue($$$"""{"role":"assistant","content":[{"type":"text","text":{{{JsonSerializer.Serialize(text.ToString())}}}},{"type":"tool_use","id":"toolu_{{{turn:000000}}}","name":"Read","input":{"path":"src/file{{{turn}}}.cs"}}]}""");
        }

        json.WriteRawValue($$"""{"role":"user","content":{{Result(tokens / TurnTokens - 1, "done")}}}""");
        json.WriteEndArray();
        json.WritePropertyName("tools");
        json.WriteRawValue("""[{"name":"Read","description":"Reads a file.","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}]""");
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static string Result(int turn, string text) => $$"""[{"type":"tool_result","tool_use_id":"toolu_{{turn:000000}}","content":{{JsonSerializer.Serialize(text)}}}]""";

    private static Offering OfferingOf(Protocol protocol) => new(
        new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get("custom"), Endpoints = [new EndpointConfig(protocol, new Uri("http://127.0.0.1:9/v1"), AuthScheme.Bearer)] }, "m");
}
