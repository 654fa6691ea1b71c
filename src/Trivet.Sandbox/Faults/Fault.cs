using System.Globalization;

namespace Trivet.Sandbox.Faults;

/// <summary>One fault as written: <c>name</c> or <c>name=value</c>, then <c>:key=value</c> arguments.</summary>
internal sealed record Fault(string Name, string? Value, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>Everything that may follow <c>@</c> besides a bare 4xx or 5xx status. An unknown word stays part of the model name.</summary>
    private static readonly HashSet<string> Known =
    [
        "reset", "silent", "headers-ms", "first-token-ms", "stall-after", "cut-after", "bad-json-event", "no-done", "context-length", "context",
        "content-filter", "error-in-200", "error-event-after", "empty", "truncated-json", "wrong-content-type", "html", "base-resp", "slow",
        "wrong-model", "no-usage", "rejects-prefill", "comments", "no-count", "times", "after", "down-ms", "every", "p",
    ];

    public bool IsStatus => IsStatusName(Name);

    public static bool TryParse(string text, out Fault fault)
    {
        var pieces = text.Split(':');
        var (name, value) = Pair(pieces[0]);
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var piece in pieces.Skip(1))
        {
            var (key, argument) = Pair(piece);
            arguments[key] = argument ?? "1";
        }

        fault = new Fault(name, value, arguments);
        return Known.Contains(name) || Dishonesty.Names.Contains(name) || IsStatusName(name);
    }

    public string? Get(string key) => Arguments.GetValueOrDefault(key);

    public int Int(string key, int otherwise) => ParseInt(Get(key), otherwise);

    public int ValueInt(int otherwise) => ParseInt(Value, otherwise);

    public double Double(string key, double otherwise) =>
        double.TryParse(Get(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static int ParseInt(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static bool IsStatusName(string name) => name.Length == 3 && name[0] is '4' or '5' && name.All(char.IsAsciiDigit);

    private static (string Key, string? Value) Pair(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }
}
