using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Sandbox.Assistant;

/// <summary>A tool call asked for by a directive; its arguments still hold <c>{{result}}</c>.</summary>
internal sealed record ScriptedCall(string Name, string Arguments);

/// <summary>What one answer does: think, say, call tools.</summary>
internal sealed class Step
{
    public StringBuilder? Think { get; set; }

    public StringBuilder? Say { get; set; }

    public string? Refuse { get; set; }

    public bool Json { get; set; }

    public List<ScriptedCall> Calls { get; init; } = [];
}

/// <summary>
/// Reads directives out of a user's text. Directives are <c>[[tool NAME {args}]]</c>, <c>[[say TEXT]]</c>, <c>[[think TEXT]]</c>,
/// <c>[[tokens N]]</c>, <c>[[refuse TEXT]]</c> and <c>[[json]]</c>. A line with tools ends a step; calls on one line are parallel.
/// </summary>
internal static class Directives
{
    private const string ReminderStart = "<system-reminder>";
    private const string Result = "{{result}}";
    private const string ReminderEnd = "</system-reminder>";

    /// <summary>The text without <c>&lt;system-reminder&gt;</c> blocks, which agents add and no person wrote.</summary>
    public static string WithoutReminders(string text)
    {
        var start = text.IndexOf(ReminderStart, StringComparison.Ordinal);
        if (start < 0)
        {
            return text;
        }

        var kept = new StringBuilder();
        var at = 0;
        while (start >= 0)
        {
            kept.Append(text, at, start - at);
            var end = text.IndexOf(ReminderEnd, start, StringComparison.Ordinal);
            at = end < 0 ? text.Length : end + ReminderEnd.Length;
            start = text.IndexOf(ReminderStart, at, StringComparison.Ordinal);
        }

        return kept.Append(text, at, text.Length - at).ToString();
    }

    public static List<Step> Read(string text, Func<int, string> filler)
    {
        text = Unquoted(text);
        var steps = new List<Step>();
        Step? step = null;
        var (at, lastEnd) = (0, 0);
        while ((at = text.IndexOf("[[", at, StringComparison.Ordinal)) >= 0)
        {
            var open = at;
            if (!TryDirective(text, ref at, out var verb, out var rest))
            {
                at = open + 2;
                continue;
            }

            var isNewLine = step is { Calls.Count: > 0 } && text.AsSpan(lastEnd, open - lastEnd).Contains('\n');
            if (step is null || isNewLine)
            {
                steps.Add(step = new Step());
            }

            Apply(step, verb, rest, filler);
            lastEnd = at;
        }

        return steps;
    }

    /// <summary>Fills <c>{{result}}</c>, but not inside directives that the text itself hands on (a sub-agent's prompt): those are filled when they are read.</summary>
    public static string Fill(string text, string lastResult)
    {
        var start = text.IndexOf("[[", StringComparison.Ordinal);
        var end = text.LastIndexOf("]]", StringComparison.Ordinal);
        return start < 0 || end < start
            ? text.Replace(Result, lastResult, StringComparison.Ordinal)
            : text[..start].Replace(Result, lastResult, StringComparison.Ordinal) + text[start..end] + text[end..].Replace(Result, lastResult, StringComparison.Ordinal);
    }

    /// <summary>Fills <c>{{result}}</c> inside the JSON's strings, so that quotes and line ends in a result stay legal.</summary>
    public static string FillJson(string json, string lastResult)
    {
        if (!json.Contains(Result, StringComparison.Ordinal))
        {
            return json;
        }

        try
        {
            return Filled(JsonNode.Parse(json), lastResult)?.ToJsonString(Sandbox.Json.Relaxed) ?? json;
        }
        catch (JsonException)
        {
            return Fill(json, lastResult);
        }
    }

    private static JsonNode? Filled(JsonNode? node, string lastResult) => node switch
    {
        JsonObject map => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, Filled(p.Value, lastResult)))),
        JsonArray list => new JsonArray([.. list.Select(i => Filled(i, lastResult))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Fill(text, lastResult)),
        _ => node?.DeepClone(),
    };

    /// <summary>opencode 1.18 hands on a command-line prompt in quotes, with the quotes inside it escaped (seen 2026-11-22).</summary>
    private static string Unquoted(string text) => text is ['"', .., '"'] && text.Contains("{\\\"", StringComparison.Ordinal)
        ? text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal)
        : text;

    private static void Apply(Step step, string verb, string rest, Func<int, string> filler)
    {
        switch (verb)
        {
            case "tool":
                var space = rest.IndexOfAny([' ', '\t', '\n', '{']);
                var name = space < 0 ? rest : rest[..space];
                var arguments = space < 0 ? "" : rest[space..].Trim();
                step.Calls.Add(new ScriptedCall(name, arguments.Length == 0 ? "{}" : arguments));
                break;
            case "say":
                (step.Say ??= new()).Append(step.Say.Length > 0 ? "\n" : "").Append(rest);
                break;
            case "tokens":
                (step.Say ??= new()).Append(step.Say.Length > 0 ? "\n" : "").Append(filler(int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 10));
                break;
            case "think":
                (step.Think ??= new()).Append(step.Think.Length > 0 ? "\n" : "").Append(rest);
                break;
            case "refuse":
                step.Refuse = rest.Length > 0 ? rest : "The sandbox was told to refuse.";
                break;
            case "json":
                step.Json = true;
                break;
        }
    }

    private static bool TryDirective(string text, ref int at, out string verb, out string rest)
    {
        (verb, rest) = ("", "");
        var start = at + 2;
        var end = start;
        while (end < text.Length && char.IsAsciiLetter(text[end]))
        {
            end++;
        }

        verb = text[start..end];
        if (verb is not ("tool" or "say" or "think" or "tokens" or "refuse" or "json"))
        {
            return false;
        }

        var close = verb == "tool" ? CloseOfTool(text, end) : text.IndexOf("]]", end, StringComparison.Ordinal);
        if (close < 0)
        {
            return false;
        }

        rest = text[end..close].Trim();
        at = close + 2;
        return verb is "json" or "refuse" || rest.Length > 0;
    }

    /// <summary>The <c>]]</c> that ends a tool directive: brackets inside JSON strings do not count, so directives can nest.</summary>
    private static int CloseOfTool(string text, int at)
    {
        var depth = 0;
        var inString = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (inString)
            {
                at += c == '\\' ? 1 : 0;
                inString = c != '"';
                continue;
            }

            if (depth == 0 && c == ']' && at + 1 < text.Length && text[at + 1] == ']')
            {
                return at;
            }

            inString = c == '"';
            depth += c is '{' or '[' ? 1 : c is '}' or ']' && depth > 0 ? -1 : 0;
        }

        return -1;
    }
}

