using System.Text;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Yaml;

/// <summary>A place in the document: the node and the path to it. The root's path is empty.</summary>
/// <param name="Node">What stands there.</param>
/// <param name="Path">How to get there.</param>
internal readonly record struct Place(YamlNode Node, string Path)
{
    public Place Key(string name, YamlNode node) => new(node, Path.Length == 0 ? name : $"{Path}.{name}");

    public Place Item(int index, YamlNode node) => new(node, $"{Path}[{index}]");

    /// <summary>Whether a mapping has a key, read or not: what is written but wrong must not be called missing as well.</summary>
    public bool Has(string key) => Node is YamlMappingNode mapping && mapping.Children.ContainsKey(key);

    public override string ToString() => Path.Length == 0 ? "the top level" : Path;
}

/// <summary>
/// One reading of one document: gathers every problem, so that they can be told at once, and expands <c>${NAME}</c> and <c>${NAME:-default}</c>.
/// Expansion happens within scalars after parsing, so no value of the environment can change the document's structure.
/// </summary>
/// <param name="environment">Looks up environment variables.</param>
/// <param name="unset">Stands for a variable that is not set; null: that is a problem.</param>
internal sealed class ReadContext(Func<string, string?> environment, string? unset = null)
{
    public List<ConfigProblem> Problems { get; } = [];

    /// <summary>Texts stand as they are written, <c>${NAME}</c> included.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>Somebody wrote it in the console: it may name no file of the server, nor stand for itself more than once (<c>*name</c>).</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>True where a file may be named; a problem where not, before anything looks for the file.</summary>
    public bool MayNameFile(Place place)
    {
        if (IsOfConsole)
            Problem(place, $"{place} names a file of the server: only the configuration file may.");
        return !IsOfConsole;
    }

    public List<ConfigProblem> Warnings { get; } = [];

    public void Problem(Place place, string message) => Problems.Add(At(place, message));

    public void Warn(Place place, string message) => Warnings.Add(At(place, message));

    /// <summary>The expanded text of a scalar; false (with a problem) where it is not one, or a variable is missing.</summary>
    public bool TryText(Place place, string what, out string text)
    {
        text = "";
        if (place.Node is not YamlScalarNode { Value: { } raw })
        {
            Problem(place, $"{place} must be {what}");
            return false;
        }

        return TryExpand(place, raw, out text);
    }

    /// <summary>Whether nothing is written there (<c>routes:</c> with every item commented out).</summary>
    public static bool IsEmpty(YamlNode node) => node is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    /// <summary>The scalar as written, for messages: what came from the environment may be a secret.</summary>
    /// <remarks>An address with user information is not shown either.</remarks>
    public static string Written(Place place) =>
        place.Node is YamlScalarNode { Value: { } value } && !value.Contains('@', StringComparison.Ordinal) ? $"'{value}'" : "this (hidden)";

    private static ConfigProblem At(Place place, string message) =>
        new((int)place.Node.Start.Line, (int)place.Node.Start.Column, place.Path, message);

    private bool TryExpand(Place place, string raw, out string text)
    {
        text = raw;
        if (IsVerbatim || !raw.Contains("${", StringComparison.Ordinal)) return true;

        var expanded = new StringBuilder(raw.Length);
        var complete = true;
        for (var i = 0; i < raw.Length;)
        {
            if (raw.AsSpan(i).StartsWith("$${"))
            {
                expanded.Append("${");
                i += 3;
            }
            else if (raw.AsSpan(i).StartsWith("${"))
            {
                var end = raw.IndexOf('}', i);
                if (end < 0)
                {
                    Problem(place, $"{place}: '${{' without '}}'");
                    return false;
                }

                complete &= Append(place, raw[(i + 2)..end], expanded);
                i = end + 1;
            }
            else
            {
                expanded.Append(raw[i++]);
            }
        }

        text = expanded.ToString();
        return complete;
    }

    private bool Append(Place place, string reference, StringBuilder expanded)
    {
        var split = reference.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? reference : reference[..split];
        var value = environment(name);
        if (string.IsNullOrEmpty(value) && split >= 0) value = reference[(split + 2)..];
        value ??= unset;
        if (value is null)
        {
            Problem(place, $"environment variable {name} is not set (wanted by {place}); set it or write ${{{name}:-default}}");
            return false;
        }

        expanded.Append(value);
        return true;
    }
}
