using System.Globalization;
using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Log;

/// <summary>
/// Says what a request asked for as a flat list of facts that no protocol colours: the same conversation gives the same facts whichever way it came.
/// What nobody asked for gives none.
/// </summary>
internal static class AskedFacts
{
    public static IReadOnlyList<SandboxFact> Of(Ask ask, string protocol)
    {
        var facts = new List<SandboxFact>();
        AddTurns(ask, facts);
        foreach (var tool in ask.Tools)
        {
            AddTool(tool, facts);
        }

        AddChoice(ask, facts);
        AddLimits(ask, facts);
        SettingFacts.Add(facts, ask.Body, protocol);
        return facts;
    }

    private static void AddTurns(Ask ask, List<SandboxFact> facts)
    {
        var calls = new List<Part>();
        for (var turn = 0; turn <= ask.Turns.Count; turn++)
        {
            foreach (var part in ask.System.Where(p => p.At == turn))
            {
                facts.Add(new SandboxFact(turn == 0 ? "system" : "system.later", part.Text));
                AddCache(facts, part, "system");
            }

            if (turn == ask.Turns.Count)
            {
                break;
            }

            var said = ask.Turns[turn];
            var who = said.Speaker == Speaker.User ? "user" : "assistant";
            var answered = new HashSet<Part>();
            foreach (var part in said.Parts)
            {
                AddPart(facts, part, who, calls, answered);
                AddCache(facts, part, who);
            }
        }
    }

    private static void AddPart(List<SandboxFact> facts, Part part, string who, List<Part> calls, HashSet<Part> answered)
    {
        switch (part.Kind)
        {
            case PartKind.Text:
                facts.Add(new SandboxFact(who + ".text", part.Text));
                break;
            case PartKind.Reasoning:
                facts.Add(new SandboxFact(who + ".thought", part.Text));
                break;
            case PartKind.ToolCall:
                calls.Add(part);
                facts.Add(new SandboxFact(who + ".call", $"{part.Name} {part.Text}"));
                break;
            case PartKind.ToolResult:
                // By its id; where the protocol gave none, the first open call of that name.
                var call = calls.FindLastIndex(c => c.Id is not null && c.Id == part.Id);
                call = call >= 0 ? call : calls.FindIndex(c => c.Name == part.Name && !answered.Contains(c) && calls.IndexOf(c) >= calls.Count - calls.Count(o => o.Kind == PartKind.ToolCall));
                if (call >= 0)
                {
                    answered.Add(calls[call]);
                }

                facts.Add(new SandboxFact(who + ".result", $"{(call < 0 ? part.Name : calls[call].Name)}#{call.ToString(CultureInfo.InvariantCulture)} {part.Text}"));
                if (part.IsError)
                {
                    facts.Add(new SandboxFact(who + ".result.error", call.ToString(CultureInfo.InvariantCulture)));
                }

                foreach (var inner in part.Inner)
                {
                    AddMedia(facts, inner, who + ".result.");
                }

                break;
            case PartKind.Opaque:
                facts.Add(new SandboxFact(who + ".opaque", part.Name ?? ""));
                break;
            default:
                AddMedia(facts, part, who + ".");
                break;
        }
    }

    private static void AddMedia(List<SandboxFact> facts, Part part, string prefix)
    {
        facts.Add(new SandboxFact(prefix + part.Kind.ToString().ToLowerInvariant(), part.Url ?? string.Create(CultureInfo.InvariantCulture, $"{part.MediaType} {part.Bytes} {part.Text}")));
        if (part.Detail is { } detail)
        {
            facts.Add(new SandboxFact(prefix + "detail", detail));
        }
    }

    private static void AddCache(List<SandboxFact> facts, Part part, string where)
    {
        if (part.Cache != CacheMark.None)
        {
            facts.Add(new SandboxFact("cache." + where, part.Cache == CacheMark.OneHour ? "1h" : "5m"));
        }
    }

    private static void AddTool(ToolSpec tool, List<SandboxFact> facts)
    {
        var kind = tool.IsServerTool ? "tool.server" : tool.IsCustom ? "tool.custom" : "tool";
        facts.Add(new SandboxFact(kind, tool.IsServerTool ? tool.Name : $"{tool.Name}: {tool.Description}"));
        if (tool.Schema.IsObject())
        {
            facts.Add(new SandboxFact("tool.schema", $"{tool.Name} {TokenCounter.CompactJson(tool.Schema)}"));
        }

        if (tool.IsStrict)
        {
            facts.Add(new SandboxFact("tool.strict", tool.Name));
        }

        if (tool.Cache != CacheMark.None)
        {
            facts.Add(new SandboxFact("cache.tool", tool.Cache == CacheMark.OneHour ? "1h" : "5m"));
        }
    }

    private static void AddChoice(Ask ask, List<SandboxFact> facts)
    {
        if (ask.ToolChoice != ToolChoice.Auto)
        {
            // One tool that must be called is the tool that must be called.
            var isNamed = ask.ToolChoice == ToolChoice.Named || ask is { ToolChoice: ToolChoice.Required, Tools.Count: 1 };
            facts.Add(new SandboxFact("choice", isNamed ? "call " + (ask.ToolChoiceName ?? ask.Tools[0].Name) : ask.ToolChoice.ToString().ToLowerInvariant()));
        }

        if (!ask.ParallelCalls)
        {
            facts.Add(new SandboxFact("parallel", "off"));
        }
    }

    private static void AddLimits(Ask ask, List<SandboxFact> facts)
    {
        if (ask.TokensMax is { } most)
        {
            facts.Add(new SandboxFact("max_tokens", most.ToString(CultureInfo.InvariantCulture)));
        }

        facts.AddRange(ask.StopSequences.Select(stop => new SandboxFact("stop", stop)));
        if (ask.Choices != 1)
        {
            facts.Add(new SandboxFact("choices", ask.Choices.ToString(CultureInfo.InvariantCulture)));
        }

        if (ask.ReasoningTokens is { } tokens)
        {
            facts.Add(new SandboxFact("thinking", tokens == 0 ? "off" : "on"));
        }

        if (ask.Format != AnswerFormat.Text)
        {
            facts.Add(new SandboxFact("format", ask.Format == AnswerFormat.JsonSchema ? "schema" : "json"));
            if (ask.Format == AnswerFormat.JsonSchema && ask.FormatSchema.IsObject())
            {
                facts.Add(new SandboxFact("format.schema", TokenCounter.CompactJson(ask.FormatSchema)));
            }
        }
    }
}
