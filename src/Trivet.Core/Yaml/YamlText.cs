using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Yaml;

/// <summary>Parses YAML text to a tree in which every node knows its line.</summary>
internal static class YamlText
{
    // Twice what any sound configuration needs.
    private const int DepthMax = 64;

    /// <summary>The root of the only document; an empty text is an empty mapping. False, with a problem, where it is not YAML.</summary>
    public static bool TryParse(string text, ReadContext context, out YamlNode root)
    {
        root = new YamlMappingNode();
        try
        {
            if (!IsBounded(text, context)) return false;
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
            {
                context.Problem(new Place(stream.Documents[1].RootNode, ""), "a second document begins here ('---'); one file holds one configuration");
                return false;
            }

            if (stream.Documents.Count == 1) root = stream.Documents[0].RootNode;
            return true;
        }
        catch (YamlException exception)
        {
            context.Problems.Add(new ConfigProblem((int)exception.Start.Line, (int)exception.Start.Column, "", $"not valid YAML: {FirstLine(exception)}"));
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException) // how YamlDotNet 16 fails at some broken texts: half a flow mapping, half a surrogate pair
        {
            context.Problems.Add(new ConfigProblem(0, 0, "", "not valid YAML"));
            return false;
        }
    }

    // The tree is built, compared and read by recursion: a text of brackets only would take the process with it, and no handler catches that.
    private static bool IsBounded(string text, ReadContext context)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var (current, line) = (parser.Current!, (int)parser.Current!.Start.Line);
            depth += current.NestingIncrease;
            if (depth > DepthMax)
                context.Problems.Add(new ConfigProblem(line, (int)current.Start.Column, "", $"lists and mappings stand in each other more than {DepthMax} deep"));
            else if (context.IsOfConsole && current is AnchorAlias)
                context.Problems.Add(new ConfigProblem(line, (int)current.Start.Column, "", "write it out: what stands for another part of the text ('*name') is for the configuration file"));
            else
                continue;
            return false;
        }

        return true;
    }

    // The parser's message begins with its own rendering of the position, which the problem has already.
    private static string FirstLine(YamlException exception)
    {
        var message = (exception.InnerException ?? exception).Message;
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        message = end < 0 ? message : message[..end];
        var colon = message.StartsWith("(Line", StringComparison.Ordinal) ? message.LastIndexOf("): ", StringComparison.Ordinal) : -1;
        return colon < 0 ? message : message[(colon + 3)..];
    }
}
