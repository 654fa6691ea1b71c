using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>What a request says, one aspect at a time, and by which words of a loss list an aspect may be missing.</summary>
internal static class RequestAspects
{
    private static readonly Dictionary<string, string> NamedBy = new(StringComparer.Ordinal)
    {
        ["instructions"] = "system|messages|contents|instructions|response_format",
        ["said"] = "messages|content order|contents|input\\[|refusal",
        ["images"] = "image|media",
        ["calls"] = "tool_calls|tool_use|functionCall|arguments|content order|function_call",
        ["results"] = "tool_result|is_error|tool_call_id|functionResponse|function_call_output",
        ["thoughts"] = "thinking|reasoning|thought|signature",
        ["tools"] = "tools",
        ["strict"] = "strict",
        ["choice"] = "tool_choice|toolConfig|allowed|tools",
        ["parallel"] = "parallel",
        ["limit"] = "max_|maxOutput",
        ["stops"] = "stop",
        ["temperature"] = "temperature",
        ["top_p"] = "top_p|topP",
        ["top_k"] = "top_k|topK",
        ["frequency"] = "frequency",
        ["presence"] = "presence",
        ["seed"] = "seed",
        ["effort"] = "reasoning|thinking|effort",
        ["form"] = "response_format|format|output_config|responseMimeType|responseJsonSchema|schema",
        ["form name"] = "name|response_format|format|schema",
        ["user"] = "user|safety_identifier",
    };

    public static bool IsNamed(string aspect, string lost) => Regex.IsMatch(lost, NamedBy[aspect]);

    public static Dictionary<string, string> Of(CanonicalRequest request)
    {
        var aspects = new Dictionary<string, string>(StringComparer.Ordinal);
        var blocks = request.Turns.Where(t => t.Role is Role.User or Role.Assistant).SelectMany(t => t.Blocks.Select(b => (t.Role, Block: b))).ToList();
        Put("instructions", Squeeze(string.Concat(request.Turns.Where(t => t.Role is Role.System or Role.Developer).SelectMany(t => t.Blocks).OfType<TextBlock>().Select(b => b.Text.ToString()))));
        Put("said", Said(blocks));
        Put("images", string.Join('|', blocks.Select(b => b.Block).OfType<MediaBlock>().Select(m => $"{m.MediaType} {m.Data}{m.Url}")));
        var calls = blocks.Select(b => b.Block).OfType<ToolCallBlock>().ToList();
        Put("calls", string.Join('|', calls.Select(c => Name(c.Name) + Canonical(c.Arguments))));
        Put("results", string.Join('|', blocks.Select(b => b.Block).OfType<ToolResultBlock>().Select(r => $"{calls.FindIndex(c => c.Id == r.CallId)}: {r.IsError == true} {string.Concat(r.Content.OfType<TextBlock>().Select(t => t.Text.ToString()))}")));
        Put("thoughts", string.Concat(blocks.Select(b => b.Block).OfType<ReasoningBlock>().Select(r => r.Text.ToString())));
        Put("tools", string.Join('|', request.Tools.Select(t => $"{Name(t.Name)} {t.Description} {(t.Parameters.IsNull ? "" : Canonical(t.Parameters.Utf8))}")));
        Put("strict", string.Join('|', request.Tools.Select(t => t.Strict == true)));
        Put("choice", $"{request.ToolChoice?.Mode ?? ToolChoiceMode.Auto} {(request.ToolChoice is { Name.IsEmpty: false } choice ? Name(choice.Name) : "")}");
        Put("parallel", request.ParallelToolCalls == false && request.ToolChoice?.Mode != ToolChoiceMode.None ? "off" : "");
        Put("limit", request.MaxOutputTokens?.ToString());
        Put("stops", string.Join('|', request.StopSequences));
        Put("temperature", request.Sampling.Temperature?.ToString());
        Put("top_p", request.Sampling.TopP?.ToString());
        Put("top_k", request.Sampling.TopK?.ToString());
        Put("frequency", request.Sampling.FrequencyPenalty?.ToString());
        Put("presence", request.Sampling.PresencePenalty?.ToString());
        Put("seed", request.Sampling.Seed?.ToString());
        Put("effort", request.Reasoning?.Effort);
        if (request.OutputFormat is { Kind: not OutputFormatKind.Text } form)
        {
            Put("form", $"{form.Kind} {(form.Schema.IsNull ? "" : Canonical(form.Schema.Utf8))}");
            Put("form name", form.Name.ToString());
        }

        Put("user", request.User.ToString());
        return aspects;

        void Put(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                aspects[name] = value;
        }
    }

    // Protocols join and part messages in their own ways: who speaks, and what, counts.
    private static string Said(List<(Role Role, Block Block)> blocks)
    {
        var said = new StringBuilder();
        Role? last = null;
        foreach (var (role, block) in blocks)
        {
            if (block is not (TextBlock or RefusalBlock))
                continue;
            if (role != last)
                said.Append('<').Append(role).Append('>');
            last = role;
            said.Append(Squeeze(block is TextBlock text ? text.Text.ToString() : ((RefusalBlock)block).Text.ToString()));
        }

        return said.ToString();
    }

    // A name that is not legal everywhere has an alias on the way, which the answer's calls are turned back from.
    private static string Name(JsonText name) => ToolNames.Legal(default, name, 64);

    private static string Squeeze(string text) => new([.. text.Where(c => !char.IsWhiteSpace(c))]);

    private static string Canonical(ReadOnlyMemory<byte> json)
    {
        try
        {
            return json.IsEmpty ? "{}" : JsonNode.Parse(json.Span)?.ToJsonString() ?? "null";
        }
        catch (System.Text.Json.JsonException)
        {
            return Encoding.UTF8.GetString(json.Span);
        }
    }
}
