using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Reads the items of <c>input</c> into turns: what the model made in a row is one turn of the assistant, what tools gave back one of the user,
/// every message of anybody else a turn of its own. One per request.
/// </summary>
internal sealed class OpenAIResponsesInputReader(CanonicalRequest request)
{
    private readonly JsonFields _fields = new();
    private readonly Dictionary<JsonText, Turn> _calls = []; // by call id: the turn that the call stands in
    private int _index;

    private List<Turn> Turns => request.Turns;

    public WireError? Read(RawJson items)
    {
        var reader = new Utf8JsonReader(items.Utf8.Span, new JsonReaderOptions { MaxDepth = OpenAIResponsesScan.DepthMax });
        reader.Read();
        for (_index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _index++)
        {
            if (reader.TokenType == JsonTokenType.String) // lenient: a bare text among the items
            {
                AddText(JsonTokens.ReadText(ref reader, items.Utf8));
                continue;
            }

            var raw = JsonTokens.ReadRaw(ref reader, items.Utf8);
            if (raw.Utf8.Span[0] != (byte)'{')
                return Fault("", "must be an object");
            var start = _fields.Push(raw);
            var error = Item(raw, start);
            _fields.Pop(start);
            if (error is not null)
                return error;
        }

        return null;
    }

    private void AddText(JsonText text)
    {
        var turn = new Turn(Role.User) { IsPlainString = true };
        turn.Blocks.Add(new TextBlock(text));
        Turns.Add(turn);
    }

    private WireError? Item(RawJson raw, int start)
    {
        var type = _fields.Find(start, "type"u8).Text;
        if (type.ValueEquals("function_call"u8) || type.ValueEquals("custom_tool_call"u8))
            return Call(start, type.ValueEquals("custom_tool_call"u8));
        if (type.ValueEquals("function_call_output"u8) || type.ValueEquals("custom_tool_call_output"u8))
            return Output(start);
        if (type.ValueEquals("reasoning"u8))
            Assistant().Blocks.Add(OpenAIResponsesReasoning.Read(_fields, start));
        else if (type.ValueEquals("message"u8) || type.IsNull && !_fields.Find(start, "role"u8).Value.IsAbsent)
            return Message(start);
        else
            Opaque(raw, type, start);
        return null;
    }

    private WireError? Message(int start)
    {
        var word = _fields.Find(start, "role"u8).Text;
        Role? role = word.ValueEquals("user"u8) ? Role.User : word.ValueEquals("assistant"u8) ? Role.Assistant
            : word.ValueEquals("system"u8) ? Role.System : word.ValueEquals("developer"u8) ? Role.Developer : null;
        if (role is null)
            return Fault(".role", "must be user, assistant, system or developer");
        var content = _fields.Find(start, "content"u8);
        var turn = role == Role.Assistant ? Assistant() : new Turn(role.Value);
        var before = turn.Blocks.Count;
        if (content.Type == JsonTokenType.String)
        {
            turn.IsPlainString |= before == 0;
            turn.Blocks.Add(new TextBlock(content.Text));
        }
        else if (content.Type == JsonTokenType.StartArray)
        {
            turn.IsPlainString = false;
            if (OpenAIResponsesPartReader.ReadAll(content.Value, turn.Blocks, out var path, out var fault) is false)
                return Fault(".content" + path, fault);
        }
        else
        {
            return Fault(".content", "must be a string or an array of parts");
        }

        if (role != Role.Assistant)
            Turns.Add(turn);
        Rest(start, turn, before);
        return null;
    }

    // What a message says beyond its content: of the model's (phase) on its first part, since its turn is made of many items.
    private void Rest(int start, Turn turn, int before)
    {
        for (var i = start; i < _fields.Count; i++)
        {
            var field = _fields[i];
            if (field.Type == JsonTokenType.Null || field.Is("type"u8) || field.Is("role"u8) || field.Is("content"u8) || field.Is("id"u8) || field.Is("status"u8))
                continue;
            if (turn.Role != Role.Assistant)
                turn.Extra.Add(field.ToExtra());
            else if (before < turn.Blocks.Count)
                turn.Blocks[before].AddExtra(field.NameString, field.Value);
        }
    }

    private WireError? Call(int start, bool isCustom)
    {
        var call = new ToolCallBlock { Kind = isCustom ? ToolKind.Custom : ToolKind.Function };
        for (var i = start; i < _fields.Count; i++)
        {
            var field = _fields[i];
            if (field.Is("call_id"u8))
                call.Id = field.Text;
            else if (field.Is("name"u8))
                call.Name = field.Text;
            else if (field.Is("namespace"u8))
                call.Namespace = field.Text;
            else if (field.Is("arguments"u8) || field.Is("input"u8))
                call.Arguments = Arguments(field);
            else if (!field.Is("type"u8) && !field.Is("id"u8) && !field.Is("status"u8) && field.Type != JsonTokenType.Null)
                call.AddExtra(field.NameString, field.Value);
        }

        if (call.Name.IsEmpty)
            return Fault(".name", "is required");
        if (call.Id.IsNull)
            call.Id = _fields.Find(start, "id"u8).Text; // lenient: some servers have one id only
        if (call.Id.IsNull)
            return Fault(".call_id", "is required");
        var turn = Assistant();
        turn.Blocks.Add(call);
        _calls[call.Id] = turn;
        return null;
    }

    private static ReadOnlyMemory<byte> Arguments(JsonField field)
    {
        var reader = new Utf8JsonReader(field.Value.Utf8.Span);
        reader.Read();
        return ToolReader.Arguments(ref reader, field.Value.Utf8);
    }

    private WireError? Output(int start)
    {
        var result = new ToolResultBlock();
        for (var i = start; i < _fields.Count; i++)
        {
            var field = _fields[i];
            if (field.Is("call_id"u8))
                result.CallId = field.Text;
            else if (field.Is("name"u8))
                result.Name = field.Text;
            else if (field.Is("output"u8))
            {
                if (!OutputContent(field, result, out var path, out var fault))
                    return Fault(".output" + path, fault);
            }
            else if (!field.Is("type"u8) && !field.Is("id"u8) && !field.Is("status"u8) && !field.Is("namespace"u8) && field.Type != JsonTokenType.Null)
                result.AddExtra(field.NameString, field.Value);
        }

        if (result.CallId.IsNull)
            return Fault(".call_id", "is required");
        ResultTurn(result.CallId).Blocks.Add(result);
        return null;
    }

    private static bool OutputContent(JsonField field, ToolResultBlock result, out string path, out string fault)
    {
        (path, fault) = ("", "");
        result.IsPlainString = field.Type != JsonTokenType.StartArray;
        if (field.Type == JsonTokenType.StartArray)
            return OpenAIResponsesPartReader.ReadAll(field.Value, result.Content, out path, out fault);
        if (field.Type == JsonTokenType.String)
            result.Content.Add(new TextBlock(field.Text));
        else if (field.Type != JsonTokenType.Null)
            result.Content.Add(new TextBlock(field.Value.ToString())); // lenient: an object instead of its text
        return true;
    }

    // Results stand behind the turn of their call, even where the client let the model say something in between.
    private Turn ResultTurn(JsonText callId)
    {
        var at = _calls.TryGetValue(callId, out var calling) && Turns[^1] != calling ? Turns.LastIndexOf(calling) + 1 : Turns.Count;
        if (at < Turns.Count && IsResults(Turns[at]))
            return Turns[at];
        if (at == Turns.Count && at > 0 && IsResults(Turns[at - 1]))
            return Turns[at - 1];
        var turn = new Turn(Role.User);
        Turns.Insert(at, turn);
        return turn;
    }

    private static bool IsResults(Turn turn) => turn.Role == Role.User && turn.Blocks.Count > 0 && turn.Blocks[^1] is ToolResultBlock;

    private void Opaque(RawJson raw, JsonText type, int start)
    {
        var word = type.IsNull ? "item_reference" : type.ToString();
        var isClients = word.EndsWith("_output", StringComparison.Ordinal) || word is "mcp_approval_response" or "additional_tools" or "compaction_trigger";
        if (word is "tool_search_output" or "additional_tools")
            MoreTools(_fields.Find(start, "tools"u8));
        var block = new OpaqueBlock(Protocol.OpenAIResponses, word, raw) { Readable = OpenAIResponsesReadable.Of(word, _fields, start) };
        if (!isClients)
            Assistant().Blocks.Add(block);
        else if (Turns.Count > 0 && IsClients(Turns[^1]))
            Turns[^1].Blocks.Add(block);
        else
            Turns.Add(new Turn(Role.User) { Blocks = { block } });
    }

    private static bool IsClients(Turn turn) => turn.Role == Role.User && turn.Blocks.Count > 0 && turn.Blocks[^1] is ToolResultBlock or OpaqueBlock;

    // Tools that were offered in the middle of the conversation: other protocols offer them from the beginning, and this one by the item itself.
    private void MoreTools(JsonField field)
    {
        if (field.Type != JsonTokenType.StartArray)
            return;
        var tools = new List<Tool>();
        new OpenAIResponsesToolReader().TryReadAll(field.Value, tools);
        foreach (var tool in tools)
        {
            if (tool.Kind == ToolKind.Server || request.Tools.Exists(known => known.Name == tool.Name && known.Namespace == tool.Namespace))
                continue;
            tool.Type = OpenAIResponsesToolReader.ByItem;
            request.Tools.Add(tool);
        }
    }

    private Turn Assistant()
    {
        if (Turns.Count == 0 || Turns[^1].Role != Role.Assistant)
            Turns.Add(new Turn(Role.Assistant));
        return Turns[^1];
    }

    private WireError Fault(string path, string what) => OpenAIResponsesScan.Invalid($"input[{_index}]{path}: {what}.", $"input[{_index}]{path}");
}
