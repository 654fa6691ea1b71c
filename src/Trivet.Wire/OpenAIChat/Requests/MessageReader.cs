using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>Reads the <c>messages</c> of a request into turns. One per request.</summary>
internal sealed class MessageReader(ReadOnlyMemory<byte> body)
{
    private readonly MessageParts _parts = new(body);
    private int _functionCalls; // legacy calls have no ids: they are numbered, and a result answers the last

    public WireError? Error { get; private set; }

    public bool TryRead(ref Utf8JsonReader reader, List<Turn> turns)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return Fail("messages", "must be an array");
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                return Fail($"messages[{i}]", "must be an object");
            if (!_parts.TryRead(ref reader))
                return Fail($"messages[{i}]{_parts.FaultPath}", _parts.Fault);
            if (!TryAdd(i, turns))
                return false;
        }

        return true;
    }

    private bool TryAdd(int index, List<Turn> turns)
    {
        var role = _parts.Role;
        if (role.ValueEquals("user"u8))
            AddPlain(Role.User, turns);
        else if (role.ValueEquals("system"u8))
            AddPlain(Role.System, turns);
        else if (role.ValueEquals("developer"u8))
            AddPlain(Role.Developer, turns);
        else if (role.ValueEquals("assistant"u8))
            return TryAddAssistant(index, turns);
        else if (role.ValueEquals("tool"u8) || role.ValueEquals("function"u8))
            return TryAddResult(index, turns, isFunction: role.ValueEquals("function"u8));
        else
            return Fail($"messages[{index}].role", role.IsNull ? "is required" : "must be system, developer, user, assistant or tool");
        return true;
    }

    private void AddPlain(Role role, List<Turn> turns)
    {
        var turn = new Turn(role) { Name = _parts.Name, IsPlainString = _parts.IsPlainString };
        turn.Blocks.AddRange(_parts.Content);
        turn.Extra.AddRange(_parts.Extra);
        if (!_parts.ToolCalls.IsAbsent)
            turn.Extra.Add(new ExtraField("tool_calls", _parts.ToolCalls));
        turns.Add(turn);
    }

    private bool TryAddAssistant(int index, List<Turn> turns)
    {
        var turn = new Turn(Role.Assistant) { Name = _parts.Name, IsPlainString = _parts.IsPlainString };
        if (!_parts.TryAddAssistantBlocks(turn.Blocks, ThinkTags.None))
            return Fail($"messages[{index}]{_parts.FaultPath}", _parts.Fault);
        foreach (var block in turn.Blocks)
        {
            if (block is ToolCallBlock { Id.IsNull: true } call)
                call.Id = FunctionId(++_functionCalls);
        }

        turn.Extra.AddRange(_parts.Extra);
        turns.Add(turn);
        return true;
    }

    private bool TryAddResult(int index, List<Turn> turns, bool isFunction)
    {
        var id = isFunction ? FunctionId(_functionCalls) : _parts.ToolCallId;
        if (id.IsNull)
            return Fail($"messages[{index}].tool_call_id", "is required");
        var result = new ToolResultBlock { CallId = id, Name = _parts.Name, IsPlainString = _parts.IsPlainString };
        result.Content.AddRange(_parts.Content);
        foreach (var extra in _parts.Extra)
            result.AddExtra(extra.Name, extra.Value);
        if (turns.Count == 0 || turns[^1].Role != Role.User || turns[^1].Blocks.Count == 0 || turns[^1].Blocks[^1] is not ToolResultBlock)
            turns.Add(new Turn(Role.User));
        turns[^1].Blocks.Add(result);
        return true;
    }

    private static JsonText FunctionId(int number) => $"call_function_{number}";

    private bool Fail(string path, string what)
    {
        Error ??= OpenAIChatScan.Invalid($"{path}: {what}.", path);
        return false;
    }
}
