using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Assistant;

/// <summary>Where a conversation stands: the last real user text and what happened since.</summary>
internal sealed class Scene
{
    public string UserText { get; private init; } = "";

    /// <summary>Turns in which the assistant called tools since the user last spoke.</summary>
    public int StepsDone { get; private init; }

    /// <summary>The text of the newest tool result; empty before the first.</summary>
    public string LastResult { get; private init; } = "";

    /// <summary>How many results the newest turn brought.</summary>
    public int ResultCount { get; private init; }

    public bool HasResults => ResultCount > 0;

    /// <summary>Mentions of images and documents in the newest user turn, those inside tool results included.</summary>
    public List<string> Attachments { get; private init; } = [];

    public static Scene Of(Ask ask)
    {
        var (userAt, userText) = LastUserText(ask);
        var newest = ask.Turns.FindLast(t => t.Speaker == Speaker.User);
        var results = newest?.Parts.Where(p => p.Kind == PartKind.ToolResult).ToList() ?? [];
        var lastResult = ask.Turns.Skip(userAt).SelectMany(t => t.Parts).LastOrDefault(p => p.Kind == PartKind.ToolResult);
        return new Scene
        {
            UserText = userText,
            StepsDone = ask.Turns.Skip(userAt + 1).Count(t => t.Speaker == Speaker.Assistant && t.Parts.Exists(p => p.Kind == PartKind.ToolCall)),
            LastResult = lastResult is null ? "" : (lastResult.IsError ? "[error] " : "") + lastResult.Text,
            ResultCount = results.Count,
            Attachments = [.. (newest?.Parts ?? []).SelectMany(p => p.Inner.Prepend(p)).Select(p => p.Mention()).Where(m => m.Length > 0)],
        };
    }

    private static (int At, string Text) LastUserText(Ask ask)
    {
        var fallback = (At: Math.Max(0, ask.Turns.Count - 1), Text: "");
        for (var i = ask.Turns.Count - 1; i >= 0; i--)
        {
            if (ask.Turns[i].Speaker != Speaker.User)
            {
                continue;
            }

            var text = string.Join('\n', ask.Turns[i].Parts.Where(p => p.Kind == PartKind.Text).Select(p => Directives.WithoutReminders(p.Text).Trim()).Where(t => t.Length > 0));
            if (text.Length == 0)
            {
                continue;
            }

            // A note beside tool results is not a new task, unless it gives orders of its own.
            if (!ask.Turns[i].Parts.Exists(p => p.Kind == PartKind.ToolResult) || text.Contains("[[", StringComparison.Ordinal))
            {
                return (i, text);
            }

            fallback = fallback.Text.Length == 0 ? (i, text) : fallback;
        }

        return fallback;
    }
}
