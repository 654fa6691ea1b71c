using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>Tools of the seeds that were offered under another name or form.</summary>
internal static class Aliases
{
    public static ToolAliases Some { get; } = Make();

    private static ToolAliases Make()
    {
        var aliases = new ToolAliases();
        aliases.Add("add", new Tool { Name = "free form", Kind = ToolKind.Custom });
        aliases.Add("look", new Tool { Name = "look.up", Namespace = "web", Kind = ToolKind.Function });
        return aliases;
    }
}
