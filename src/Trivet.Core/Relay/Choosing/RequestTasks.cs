using Trivet.Core.Routing.Policies;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Choosing;

/// <summary>
/// What a request is for, from what can be seen without understanding it: the client's name, how many tools and which, the shape that its answer must have, its length, and the first words of the last question. Costs
/// a microsecond, leaves this machine with nothing, and errs; what rests on it is only who goes first among those that meet the floors.
/// </summary>
internal static class RequestTasks
{
    /// <summary>Prompts beyond this are long whatever they are about.</summary>
    private const long LongTokens = 100_000;

    /// <summary>Where the last question is looked for, from the end of the body.</summary>
    private const int TailBytes = 4096;

    private static readonly string[] CodingAgents = ["claude-cli", "claude-code", "codex", "opencode", "gemini-cli", "geminicli", "qwen-code", "qwencode", "aider", "cline", "roo-code", "cursor", "copilot", "crush", "kilo"];

    /// <summary>The task.</summary>
    public static RequestTask Of(RelayCall call) => Of(call.Client.Header("user-agent"), call.Scan, call.Body.WrittenSpan);

    /// <summary>The same, from its parts.</summary>
    public static RequestTask Of(string? userAgent, RequestScan scan, ReadOnlySpan<byte> body)
    {
        if (IsCodingAgent(userAgent) || (scan.ToolCount > 0 && HasCodingTool(body, scan)))
            return RequestTask.Code;
        if (scan.InputTokensEstimate > LongTokens)
            return RequestTask.LongContext;
        var question = body[Math.Max(0, body.Length - TailBytes)..];
        if (HasAny(question, "ranslate "u8, "ranslation"u8, "翻译"u8, "译成"u8, "翻譯"u8, "译为"u8))
            return RequestTask.Translation;
        if (scan.Features.HasFlag(RequestFeatures.JsonSchema) || scan.Features.HasFlag(RequestFeatures.JsonObject) || HasAny(question, "xtract "u8, "提取"u8, "抽取"u8))
            return RequestTask.Extraction;
        if (scan.Features.HasFlag(RequestFeatures.Documents) || HasAny(question, "<document"u8, "documentation"u8, "the document"u8, "文档"u8, "according to the"u8))
            return RequestTask.Documents;
        return HasAny(question, "```"u8, "stack trace"u8, "refactor"u8, "unit test"u8, "代码"u8) ? RequestTask.Code : RequestTask.Chat;
    }

    private static bool IsCodingAgent(string? userAgent)
    {
        if (userAgent is null)
            return false;
        foreach (var name in CodingAgents)
        {
            if (userAgent.Contains(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // The tools of agents, as JSON names them.
    private static bool HasCodingTool(ReadOnlySpan<byte> body, RequestScan scan) =>
        scan.TryGetField(body, "tools"u8, out var field)
        && HasAny(body.Slice(field.ValueStart, field.ValueLength), "\"Bash\""u8, "\"bash\""u8, "\"shell\""u8, "\"apply_patch\""u8, "\"edit_file\""u8, "\"run_shell_command\""u8, "\"str_replace"u8, "\"write_file\""u8, "\"exec_command\""u8);

    private static bool HasAny(ReadOnlySpan<byte> text, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c = default, ReadOnlySpan<byte> d = default, ReadOnlySpan<byte> e = default, ReadOnlySpan<byte> f = default, ReadOnlySpan<byte> g = default, ReadOnlySpan<byte> h = default, ReadOnlySpan<byte> i = default) =>
        Has(text, a) || Has(text, b) || Has(text, c) || Has(text, d) || Has(text, e) || Has(text, f) || Has(text, g) || Has(text, h) || Has(text, i);

    private static bool Has(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => !word.IsEmpty && text.IndexOf(word) >= 0;
}
