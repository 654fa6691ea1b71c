using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>Under which name and in which form each tool is offered, in the list of tools, the choice among them and the history alike.</summary>
internal sealed class OpenAIResponsesToolNames(CanonicalRequest request, OpenAIResponsesDialect dialect)
{
    /// <summary>A free-form tool stays one.</summary>
    public bool KeepsCustom { get; } = dialect.CustomTools;

    /// <summary>Namespaces stay.</summary>
    public bool KeepsNamespaces { get; } = dialect.NamespaceTools;

    /// <summary>The name that the upstream sees.</summary>
    public JsonText Of(JsonText name, JsonText space) => OpenAIResponsesIds.ToolName(KeepsNamespaces ? default : space, name);

    /// <summary>The name of a tool that is offered, which calls of the answer are turned back from where it is not the client's own.</summary>
    public JsonText Offer(Tool tool)
    {
        var name = Of(tool.Name, tool.Namespace);
        if (name != tool.Name || tool.Kind == ToolKind.Custom && !KeepsCustom)
            request.Aliases.Add(name.ToString(), tool);
        return name;
    }

    /// <summary>The name of a tool that the client names without its namespace, in a choice.</summary>
    public JsonText OfChosen(JsonText name) => Of(name, request.NamespaceOf(name));

    /// <summary>A tool that is offered as a free-form one.</summary>
    public bool IsCustom(JsonText name) => KeepsCustom && request.Tools.Exists(tool => tool.Kind == ToolKind.Custom && tool.Name == name);
}
