using System.Text;
using System.Text.Json;

namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Small inputs that use what each protocol has: enough to start from where no recordings are.</summary>
internal static class BuiltInSeeds
{
    public static IEnumerable<byte[]> Requests(string protocol) => Bytes(protocol switch { "chat" => RequestSeeds.Chat, "responses" => RequestSeeds.Responses, "messages" => RequestSeeds.Messages, _ => RequestSeeds.Gemini });

    public static IEnumerable<byte[]> Answers(string protocol) =>
        Bytes(protocol switch { "chat" => AnswerSeeds.Chat, "responses" => AnswerSeeds.Responses, "messages" => AnswerSeeds.Messages, "gemini" => AnswerSeeds.Gemini, _ => AnswerSeeds.Bedrock });

    public static IEnumerable<byte[]> Streams(string protocol) =>
        (protocol switch { "chat" => StreamSeeds.Chat, "responses" => StreamSeeds.Responses, "messages" => StreamSeeds.Messages, "gemini" => StreamSeeds.Gemini, _ => StreamSeeds.Bedrock })
        .Select(events => Encoding.UTF8.GetBytes(string.Concat(events.Split('\n').Select(data => Event(protocol, data)))));

    /// <summary>Binary frames of the same events.</summary>
    public static IEnumerable<byte[]> Frames() => StreamSeeds.Bedrock.Select(events => events.Split('\n').SelectMany(Frame).ToArray());

    public static IEnumerable<byte[]> Errors() => Bytes(ErrorSeeds.All);

    public static IEnumerable<byte[]> Configs() => Bytes(ConfigSeeds.All);

    private static IEnumerable<byte[]> Bytes(string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    // Messages and Responses name their events after the type; Bedrock's events are a name and a payload.
    private static string Event(string protocol, string data)
    {
        switch (protocol)
        {
            case "messages" or "responses":
                using (var document = JsonDocument.Parse(data))
                    return $"event: {document.RootElement.GetProperty("type").GetString()}\ndata: {data}\n\n";
            case "bedrock":
                var blank = data.IndexOf(' ', StringComparison.Ordinal);
                return $"event: {data[..blank]}\ndata: {data[(blank + 1)..]}\n\n";
            default:
                return $"data: {data}\n\n";
        }
    }

    private static byte[] Frame(string line)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        byte[] headers = [.. Header(":event-type", line[..blank]), .. Header(":content-type", "application/json"), .. Header(":message-type", "event")];
        var payload = Encoding.UTF8.GetBytes(line[(blank + 1)..]);
        return [.. BigEndian(12 + headers.Length + payload.Length + 4), .. BigEndian(headers.Length), 0, 0, 0, 0, .. headers, .. payload, 0, 0, 0, 0];
    }

    private static byte[] Header(string name, string value) => [(byte)name.Length, .. Encoding.ASCII.GetBytes(name), 7, (byte)(value.Length >> 8), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
