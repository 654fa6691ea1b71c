using System.Text;
using Trivet.Benchmarks.Targets;
using Trivet.Benchmarks.Vendor;

namespace Trivet.Benchmarks.Load;

/// <summary>
/// What clients ask in one part of the bench. <see cref="Requests"/> are per target and round, enough for a few tenths of a second of
/// CPU; <see cref="WarmUp"/> is per target, enough for the JIT to have little left to do on this path.
/// </summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    public required string What { get; init; }

    /// <summary>The target whose CPU is 1.</summary>
    public required string Baseline { get; init; }

    /// <summary>The targets that are able to answer it.</summary>
    public required string[] Targets { get; init; }

    /// <summary>The whole HTTP request.</summary>
    public required byte[] Request { get; init; }

    public required AnswerCheck Check { get; init; }

    public required int Requests { get; init; }

    public required int WarmUp { get; init; }

    public required int Concurrency { get; init; }

    /// <summary>What the last target may cost, as a multiple of the baseline.</summary>
    public double RatioMax { get; init; } = 1.5;
}

/// <summary>The scenarios of the bench.</summary>
internal static class Scenarios
{
    private static readonly string[] All = [TargetNames.Direct, TargetNames.Nginx, TargetNames.Raw, TargetNames.Parsing, TargetNames.Trivet];
    private static readonly string[] Translating = [TargetNames.Parsing, TargetNames.Trivet];

    public static Scenario[] Make() =>
    [
        PassThrough("plain", "1 kB Chat request, 1 kB answer, not streamed", Chat(VendorModels.Plain, stream: false),
            VendorAnswers.ChatPlain(VendorModels.Plain)) with { Requests = 8000, WarmUp = 6000, Concurrency = 16 },
        PassThrough("burst", "Chat stream of 103 events, all at once", Chat(VendorModels.Burst, stream: true),
            VendorAnswers.Join(VendorAnswers.ChatEvents(VendorModels.Burst))) with { Requests = 3000, WarmUp = 2000, Concurrency = 16 },
        PassThrough("paced", "Chat stream of 103 events, one every 10 ms", Chat(VendorModels.Paced, stream: true),
            VendorAnswers.Join(VendorAnswers.ChatEvents(VendorModels.Paced))) with { Requests = 200, WarmUp = 100, Concurrency = 50 },
        PassThrough("agent", "88 kB Messages request of a coding agent, 1 kB answer, not streamed", Post("/v1/messages?beta=true", AgentBody.Make(VendorModels.Plain), AgentHeaders),
            VendorAnswers.MessagesPlain(VendorModels.Plain)) with { Requests = 2000, WarmUp = 3000, Concurrency = 16 },
        Translation("messages-to-chat", "1 kB Messages request, upstream speaks Chat, not streamed", Messages(VendorModels.ChatPlain, stream: false),
            AnswerCheck.Holding(VendorAnswers.PlainWords, "end_turn", "output_tokens")) with { Requests = 6000, WarmUp = 6000 },
        Translation("messages-to-chat-burst", "Messages stream from a Chat stream of 103 events, all at once", Messages(VendorModels.ChatBurst, stream: true),
            AnswerCheck.Holding(VendorAnswers.ChatStreamWords, "event: message_start", "event: content_block_stop", "end_turn", "event: message_stop")) with { Requests = 2000, WarmUp = 2000 },
        Translation("messages-to-chat-agent", "88 kB Messages request of a coding agent, upstream speaks Chat, not streamed",
            Post("/v1/messages?beta=true", AgentBody.Make(VendorModels.ChatPlain), AgentHeaders),
            AnswerCheck.Holding(VendorAnswers.PlainWords, "end_turn", "output_tokens")) with { Requests = 1000, WarmUp = 3000 },
    ];

    /// <summary>What it costs a request that it is booked.</summary>
    public static Scenario[] MakeBooked() =>
    [
        .. Make().Where(scenario => scenario.Name is "plain" or "burst").Select(
            scenario => scenario with { Targets = [TargetNames.Unbooked, TargetNames.Booked], Baseline = TargetNames.Unbooked, RatioMax = 1.15 }),
    ];

    /// <summary>The request whose answer goes on until the client leaves.</summary>
    public static byte[] SlowStreamRequest() => Chat(VendorModels.Slow, stream: true);

    internal const string MessagesHeaders = $"x-api-key: {BenchKey.Value}\r\nanthropic-version: 2023-06-01\r\n";

    private const string AgentHeaders =
        $"Authorization: Bearer {BenchKey.Value}\r\nanthropic-version: 2023-06-01\r\nanthropic-dangerous-direct-browser-access: true\r\nx-app: cli\r\n" +
        "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,advanced-tool-use-2025-11-20\r\n" +
        "X-Claude-Code-Session-Id: 5b0a4f2e-6d0c-4a55-9d3e-0f0f8f1f2a3b\r\nUser-Agent: claude-cli/2.1.330 (external, sdk-cli)\r\n" +
        "X-Stainless-Lang: js\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\nX-Stainless-Runtime: node\r\nX-Stainless-Retry-Count: 0\r\nX-Stainless-Timeout: 600\r\n";

    private static Scenario PassThrough(string name, string what, byte[] request, byte[] answer) => new()
    {
        Name = name,
        What = what,
        Baseline = TargetNames.Raw,
        Targets = All,
        Request = request,
        Check = AnswerCheck.Exactly(answer),
        Requests = 0,
        WarmUp = 0,
        Concurrency = 0,
    };

    private static Scenario Translation(string name, string what, byte[] request, AnswerCheck check) => new()
    {
        Name = name,
        What = what,
        Baseline = TargetNames.Parsing,
        Targets = Translating,
        Request = request,
        Check = check,
        Requests = 0,
        WarmUp = 0,
        Concurrency = 16,
    };

    private static byte[] Chat(string model, bool stream)
    {
        var options = stream ? ""","stream":true,"stream_options":{"include_usage":true}""" : "";
        return Post("/v1/chat/completions", Encoding.UTF8.GetBytes(
            $$"""{"model":"{{model}}","temperature":0.7,"max_completion_tokens":1024{{options}},"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"{{Question}}"}]}"""),
            $"Authorization: Bearer {BenchKey.Value}\r\n");
    }

    private static byte[] Messages(string model, bool stream) => Post("/v1/messages", Encoding.UTF8.GetBytes(
        $$"""{"model":"{{model}}","max_tokens":1024,"temperature":0.7{{(stream ? ",\"stream\":true" : "")}},"system":"You are a helpful assistant.","messages":[{"role":"user","content":"{{Question}}"}]}"""),
        MessagesHeaders);

    internal static string Question => string.Concat(Enumerable.Repeat("Explain what a gateway does, and why. ", 21));

    internal static byte[] Post(string path, byte[] body, string headers) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n{headers}Content-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];
}
