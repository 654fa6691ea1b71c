using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// Tools that were offered to an upstream under another name or form than the client's: a name made legal, a namespace put in front of the
/// name, a free-form tool offered as a function with one text. What the model calls is turned back by it, so that the client sees its own tools.
/// </summary>
public sealed class ToolAliases
{
    /// <summary>The only argument of a free-form tool that was offered as a function.</summary>
    public const string CustomArgument = "input";

    private readonly Dictionary<string, ToolAlias> _tools = new(StringComparer.Ordinal);

    /// <summary>Every tool was offered as it stood.</summary>
    public bool IsEmpty => _tools.Count == 0;

    /// <summary>Forgets all: a request is written anew for each attempt.</summary>
    public void Clear() => _tools.Clear();

    /// <summary>Notes that <paramref name="tool"/> was offered as a function named <paramref name="name"/>.</summary>
    public void Add(string name, Tool tool) => _tools[name] = new ToolAlias(tool.Name.Detach(), tool.Namespace.Detach(), tool.Kind); // outlives the request's buffer

    /// <summary>The client's tool behind a name that the model called.</summary>
    public bool TryFind(string name, out ToolAlias? tool) => _tools.TryGetValue(name, out tool);
}

/// <summary>The client's own tool behind an alias.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace; empty for none.</param>
/// <param name="Kind">A function or a free-form tool.</param>
public sealed record ToolAlias(JsonText Name, JsonText Namespace, ToolKind Kind);
