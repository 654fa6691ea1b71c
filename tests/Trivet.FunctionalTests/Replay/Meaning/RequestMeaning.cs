using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>
/// What a request asks for, in no protocol's words. Texts of one speaker are joined without their white space, since protocols part and join messages
/// in their own ways; everything else is kept in its order.
/// </summary>
internal sealed partial class RequestMeaning
{
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);

    public string System { get; private set; } = "";

    public string User { get; private set; } = "";

    public string Assistant { get; private set; } = "";

    /// <summary>Calls and results in their order; a result names the number of its call.</summary>
    public List<string> Calls { get; } = [];

    public List<string> Results { get; } = [];

    public List<string> Media { get; } = [];

    public List<string> Tools { get; } = [];

    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    public void Say(string role, string? text)
    {
        var plain = Plain(text);
        if (role is "system" or "developer")
            System += plain;
        else if (role == "assistant")
            Assistant += plain;
        else
            User += plain;
    }

    public void Call(string id, string name, JsonNode? arguments)
    {
        _calls[id] = Calls.Count;
        Calls.Add($"{name}({Canonical(arguments)})");
    }

    public void Result(string id, string text)
    {
        var plain = Plain(text) is "{}" ? "" : Plain(text);
        Results.Add($"{(_calls.TryGetValue(id, out var call) ? call : -1)}: {(plain.StartsWith("Error:", StringComparison.Ordinal) ? plain["Error:".Length..] : plain)}");
    }

    public void Tool(string? name, string? description, JsonNode? schema) => Tools.Add($"{name} {description} {Canonical(schema)}");

    public void Set(string name, JsonNode? value)
    {
        if (value is not null)
            Settings[name] = Canonical(value);
    }

    /// <summary>In what <paramref name="got"/> differs from this, but for media that <paramref name="lost"/> names.</summary>
    public IEnumerable<string> Differences(RequestMeaning got, string lost)
    {
        // What had to be said in words, or added so that the conversation is legal, is named.
        if (lost.Contains("response_format", StringComparison.Ordinal) && got.System.StartsWith(System, StringComparison.Ordinal))
            got.System = System;
        if (lost.Contains("messages[0]", StringComparison.Ordinal) && got.User.StartsWith("Continue.", StringComparison.Ordinal))
            got.User = got.User["Continue.".Length..];
        if (lost.Contains("~tools", StringComparison.Ordinal) && Tools.Count == 0)
            got.Tools.Clear();

        // What moved out of a tool's result is said by the user behind it: nothing of it may be missing.
        if (lost.Contains("~messages[].tool.content", StringComparison.Ordinal) && string.Concat((User + string.Concat(Results)).Order()) == string.Concat((got.User + string.Concat(got.Results)).Order()))
        {
            got.User = User;
            got.Results.Clear();
            got.Results.AddRange(Results);
        }
        if (lost.Contains("~tool_choice=none", StringComparison.Ordinal))
            Tools.Clear(); // nothing forbids a tool but its absence
        Media.RemoveAll(media => !got.Media.Contains(media) && (lost.Contains("file", StringComparison.Ordinal) || lost.Contains("media", StringComparison.Ordinal) || lost.Contains(media.Split(' ')[0], StringComparison.Ordinal)));
        if (got.System != System)
            yield return $"system: {Differ(got.System, System)}";
        if (got.User != User)
            yield return $"user: {Differ(got.User, User)}";
        if (got.Assistant != Assistant)
            yield return $"assistant: {Differ(got.Assistant, Assistant)}";
        foreach (var (what, there, here) in new[] { ("calls", got.Calls, Calls), ("results", got.Results, Results), ("media", Sources(got.Media), Sources(Media)), ("tools", got.Tools, Tools) })
        {
            if (!there.SequenceEqual(here))
                yield return $"{what}: {Differ(string.Join(" | ", there), string.Join(" | ", here))}";
        }

        foreach (var (name, value) in Settings)
        {
            if (lost.Contains(name, StringComparison.Ordinal))
                continue;
            if (got.Settings.GetValueOrDefault(name) != value)
                yield return $"{name}: {got.Settings.GetValueOrDefault(name) ?? "none"} instead of {value}";
        }
    }

    // A file is a document to one protocol and sound to another.
    private static List<string> Sources(List<string> media) => [.. media.Select(m => m[(m.IndexOf(' ', StringComparison.Ordinal) + 1)..])];

    /// <summary>JSON with its properties in order and its numbers in one form.</summary>
    public static string Canonical(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject many:
                text.Append('{');
                foreach (var (name, value) in many.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    text.Append(name).Append(':');
                    Write(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Write(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case JsonValue value when value.GetValueKind() == global::System.Text.Json.JsonValueKind.Number:
                text.Append(value.GetValue<decimal>().ToString("0.##########", global::System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    // White space, and the marks that say where something that had to move was, say nothing of their own.
    private static string Plain(string? text) => new([.. Mark.Replace(text ?? "", "").Where(c => !char.IsWhiteSpace(c))]);

    [GeneratedRegex(@"\[(image|document|audio|video|search result)[ :][^\]]*\]|\[[\w. -]+\.(txt|pdf)\]")]
    private static partial Regex Mark { get; }

    private static string Differ(string got, string wanted)
    {
        var at = 0;
        while (at < Math.Min(got.Length, wanted.Length) && got[at] == wanted[at])
            at++;
        string Around(string text) => text.Length == 0 ? "nothing" : $"…{text[Math.Max(0, at - 20)..Math.Min(text.Length, at + 80)]}… ({text.Length})";
        return $"{Around(got)} instead of {Around(wanted)}";
    }
}
