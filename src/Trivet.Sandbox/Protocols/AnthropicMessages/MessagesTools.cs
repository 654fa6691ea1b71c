using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Reads and validates tools and the choice among them.</summary>
internal static class MessagesTools
{
    public static void Read(Ask ask, JsonElement body)
    {
        var index = 0;
        foreach (var tool in body.Items("tools"))
        {
            var type = tool.Str("type") ?? "custom";
            var where = $"tools.{index++}";
            MessagesRequestReader.Require(tool, "name", $"{where}.{type}.");
            var name = tool.Str("name") ?? "";
            if (name.Length is 0 or > 128 || !name.All(MessagesRequestReader.IsIdChar))
            {
                throw MessagesRequestReader.Bad($"{where}.{type}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
            }

            if (type == "custom")
            {
                MessagesRequestReader.Require(tool, "input_schema", $"{where}.custom.");
                MessagesRequestReader.Require(tool.Get("input_schema"), "type", $"{where}.custom.input_schema.");
                if (tool.Get("input_schema").Str("type") != "object")
                {
                    throw MessagesRequestReader.Bad($"{where}.custom.input_schema.type: Input should be 'object'");
                }
            }

            if (ask.Tools.Exists(t => t.Name == name))
            {
                throw MessagesRequestReader.Bad("tools: Tool names must be unique.");
            }

            ask.Tools.Add(new ToolSpec(name, tool.Str("description") ?? "", tool.Get("input_schema"), MessagesRequestReader.Mark(tool, $"{where}.{type}"), type != "custom") { IsStrict = tool.Bool("strict") ?? false });
        }

        ReadToolChoice(ask, body);
    }

    private static void ReadToolChoice(Ask ask, JsonElement body)
    {
        var choice = body.Get("tool_choice");
        if (!choice.IsDefined())
        {
            return;
        }

        if (ask.Tools.Count == 0)
        {
            throw MessagesRequestReader.Bad("tool_choice: tool_choice may only be specified while providing tools");
        }

        ask.ParallelCalls = !(choice.Bool("disable_parallel_tool_use") ?? false);
        ask.ToolChoice = choice.Str("type") switch
        {
            "auto" => ToolChoice.Auto,
            "none" => ToolChoice.None,
            "any" => ToolChoice.Required,
            "tool" => ToolChoice.Named,
            var other => throw MessagesRequestReader.Bad($"tool_choice: Input tag '{other}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'"),
        };
        if (ask.ToolChoice == ToolChoice.Named)
        {
            MessagesRequestReader.Require(choice, "name", "tool_choice.tool.");
            ask.ToolChoiceName = choice.Str("name");
            if (!ask.Tools.Exists(t => t.Name == ask.ToolChoiceName))
            {
                throw MessagesRequestReader.Bad($"tool_choice: Tool '{ask.ToolChoiceName}' not found in provided tools");
            }
        }

        if (ask.ReasoningTokens > 0 && ask.ToolChoice is ToolChoice.Required or ToolChoice.Named && body.Get("thinking").Str("type") == "enabled")
        {
            throw MessagesRequestReader.Bad("Thinking may not be enabled when tool_choice forces tool use.");
        }
    }
}
