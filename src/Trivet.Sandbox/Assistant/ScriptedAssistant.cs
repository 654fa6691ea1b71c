using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Streaming;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Assistant;

/// <summary>
/// Decides what the sandbox says, from the model name and the conversation alone: directives in the user's text first, then what the request
/// forces (a tool, a schema), then plain text. The same conversation always gets the same answer, voice models aside: they sample theirs.
/// </summary>
internal sealed class ScriptedAssistant(SandboxText filler, CallIds ids, AnswerKey key)
{
    private const int ExcerptTokens = 24;
    private const int ReasoningTokens = 16;

    public Answer Answer(Ask ask, ModelName model, Style style, string callIdPrefix, string requestId, VoiceSpeaker? speaker)
    {
        var scene = Scene.Of(ask);
        var answer = new Answer();
        var step = StepFor(ask, model, scene, speaker);
        var thought = step.Think?.ToString() ?? DefaultThought(ask, model, scene);
        if (thought.Length > 0)
        {
            answer.Blocks.Add(new Block(BlockKind.Reasoning, Directives.Fill(thought, scene.LastResult)) { IsHidden = ask.ReasoningHidden });
        }

        if (step.Refuse is { } refusal)
        {
            answer.Blocks.Add(new Block(BlockKind.Refusal, refusal));
            answer.Stop = Stop.Refusal;
            return answer;
        }

        var calls = Calls(ask, model, scene, step, speaker);
        var text = step.Say is { } say ? Directives.Fill(say.ToString(), scene.LastResult) : calls.Count > 0 ? "" : DefaultText(ask, model, scene, step, speaker);
        text = WithoutPrefill(text, ask);
        if (text.Length > 0)
        {
            answer.Blocks.Add(new Block(BlockKind.Text, text));
        }

        for (var i = 0; i < calls.Count; i++)
        {
            var arguments = TokenCounter.CompactJson(Directives.FillJson(calls[i].Arguments, scene.LastResult));
            answer.Blocks.Add(new Block(BlockKind.ToolCall, arguments) { Name = calls[i].Name, Id = ids.Next(style.Ids, callIdPrefix, calls[i].Name, requestId, i) });
        }

        answer.Stop = calls.Count > 0 ? Stop.ToolCalls : Stop.End;
        return answer;
    }

    private Step StepFor(Ask ask, ModelName model, Scene scene, VoiceSpeaker? speaker)
    {
        if (model.Kind is "echo" or "text")
        {
            return new Step();
        }

        var steps = Directives.Read(speaker?.Script(scene.UserText, key) ?? scene.UserText, filler.OfLength);
        if (ask.Tools.Count == 0 || ask.ToolChoice == ToolChoice.None)
        {
            // Side requests of agents (titles, summaries) quote the user's text but offer no tools: nothing to call, so nothing is called.
            return steps.Find(s => s.Calls.Count == 0) ?? new Step();
        }

        if (!ask.ParallelCalls)
        {
            steps = [.. steps.SelectMany(OneByOne)];
        }

        return scene.StepsDone < steps.Count ? steps[scene.StepsDone] : new Step();
    }

    private static IEnumerable<Step> OneByOne(Step step) => step.Calls.Count <= 1
        ? [step]
        : step.Calls.Select((call, i) => i == 0 ? new Step { Think = step.Think, Say = step.Say, Calls = [call] } : new Step { Calls = [call] });

    private static List<ScriptedCall> Calls(Ask ask, ModelName model, Scene scene, Step step, VoiceSpeaker? speaker)
    {
        if (ask.Tools.Count == 0 || ask.ToolChoice == ToolChoice.None)
        {
            return [];
        }

        var calls = step.Calls.ConvertAll(c => c with { Name = Exact(ask, c.Name) });
        if (speaker is not null && calls.Count == 0 && !scene.HasResults && VoiceSpeaker.FencedJson(scene.UserText) is { } spelled)
        {
            return [new ScriptedCall(ask.ToolChoiceName ?? ask.Tools[0].Name, spelled)];
        }

        var isForced = ask.ToolChoice is ToolChoice.Required or ToolChoice.Named;
        if (ask.ToolChoice == ToolChoice.Named && !calls.Exists(c => c.Name == ask.ToolChoiceName))
        {
            return [Sample(ask, ask.ToolChoiceName!)];
        }

        if (calls.Count == 0 && isForced)
        {
            return [Sample(ask, ask.Tools[0].Name)];
        }

        if (calls.Count == 0 && model.Kind == "tool" && !scene.HasResults)
        {
            var wanted = ask.ParallelCalls ? Math.Max(1, model.Number ?? 1) : 1;
            return [.. Enumerable.Range(0, wanted).Select(i => Sample(ask, ask.Tools[i % ask.Tools.Count].Name))];
        }

        return calls;
    }

    /// <summary>The tool as offered. A tool of a namespace may be offered under both names in one where the protocol has no namespaces.</summary>
    private static string Exact(Ask ask, string name) =>
        (ask.Tools.Find(t => t.Name == name)
        ?? ask.Tools.Find(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? ask.Tools.Find(t => t.Name.EndsWith("_" + name, StringComparison.Ordinal)))?.Name ?? name;

    private static ScriptedCall Sample(Ask ask, string name)
    {
        var tool = ask.Tools.Find(t => t.Name == name);
        return new ScriptedCall(name, tool is null ? "{}" : SchemaSample.Make(tool.Schema));
    }

    // A voice thinks about what it was asked.
    private string DefaultThought(Ask ask, ModelName model, Scene scene)
    {
        if (model.Kind == "voice")
        {
            return ask.ReasoningTokens > 0 ? $"They ask: {scene.UserText}" : "";
        }

        var tokens = model.Kind == "think" ? model.Number ?? ReasoningTokens : ask.ReasoningTokens ?? 0;
        return model.Kind == "think" || tokens > 0 ? filler.OfLength(tokens) : "";
    }

    private string DefaultText(Ask ask, ModelName model, Scene scene, Step step, VoiceSpeaker? speaker)
    {
        if (speaker is not null && ask.Format == AnswerFormat.Text && !scene.HasResults)
        {
            return speaker.Text(scene.UserText, key);
        }

        if (model.Kind == "text")
        {
            return filler.OfLength(model.Number ?? 60);
        }

        if (model.Kind == "echo")
        {
            return string.Join(' ', new[] { scene.UserText }.Concat(scene.Attachments).Where(t => t.Length > 0));
        }

        if (ask.Format != AnswerFormat.Text || step.Json)
        {
            return ask.Format == AnswerFormat.JsonSchema ? SchemaSample.Make(ask.FormatSchema) : """{"sandbox":true}""";
        }

        var heard = scene.HasResults
            ? $"The sandbox read {scene.ResultCount} tool {(scene.ResultCount == 1 ? "result" : "results")}: {scene.LastResult}"
            : $"The sandbox heard: {scene.UserText}";
        var text = heard[..SandboxTokenizer.End(heard, 0, ExcerptTokens)];
        return scene.Attachments.Count == 0 ? text : text + " " + string.Join(' ', scene.Attachments);
    }

    /// <summary>An answer that begins with what the client already put into the assistant's mouth goes on from there.</summary>
    private static string WithoutPrefill(string text, Ask ask)
    {
        if (!ask.EndsWithAssistant)
        {
            return text;
        }

        var prefill = string.Concat(ask.Turns[^1].Parts.Where(p => p.Kind == PartKind.Text).Select(p => p.Text));
        return text.StartsWith(prefill, StringComparison.Ordinal) ? text[prefill.Length..] : text;
    }
}
