using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>The state of reading one request: contents in order, and the calls that still wait for their results.</summary>
internal sealed class GeminiRequestPass(ReadOnlyMemory<byte> body)
{
    private readonly GeminiPartReader _parts = new();
    private readonly List<Block> _content = [];
    private readonly List<OpenCall> _open = [];
    private WireError? _error;
    private bool _hasContents;
    private int _callCount;

    public CanonicalRequest Request { get; } = new() { Origin = Protocol.Gemini, StreamUsage = true };

    public WireError? Run()
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return GeminiScan.Invalid("body", "a JSON object is expected.");
        Body(ref reader);
        while (_error is null && reader.Read())
        {
            // anything behind the object is an error, which the reader throws
        }

        return _error ?? (_hasContents ? null : GeminiScan.Invalid("contents", "this field is required."));
    }

    private void Body(ref Utf8JsonReader reader)
    {
        while (_error is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (name.Span.SequenceEqual("contents"u8))
                Contents(ref reader);
            else if (GeminiNames.Same(name.Span, "systemInstruction"u8))
                SystemInstruction(ref reader);
            else if (GeminiNames.Same(name.Span, "generateContentRequest"u8) && reader.TokenType == JsonTokenType.StartObject)
                Body(ref reader); // countTokens
            else
                Field(name, ref reader);
        }
    }

    private void Field(ReadOnlyMemory<byte> name, ref Utf8JsonReader reader)
    {
        var type = reader.TokenType;
        var field = new JsonField(name, JsonTokens.ReadRaw(ref reader, body), type);
        if (field.Value.IsNull)
            return;
        if (field.Is("tools"u8) || field.Named("toolConfig"u8))
        {
            var tools = new GeminiToolReader(Request, _parts.Fields);
            if (field.Is("tools"u8))
                tools.Tools(field);
            else
                tools.Config(field);
            _error ??= tools.Error;
        }
        else if (field.Named("generationConfig"u8))
        {
            var config = new GeminiConfigReader(Request, _parts.Fields);
            config.Read(field);
            if (config.Fault is { } fault)
                Fail(fault, "a number is expected.");
        }
        else if (field.Named("serviceTier"u8))
            Request.ServiceTier = field.Text;
        else if (field.Is("labels"u8))
            Request.Metadata = field.Value;
        else if (field.Is("model"u8))
            Request.Model = field.Text.ToString();
        else
            Request.Extra.Add(new ExtraField(GeminiNames.Camel(field.NameString), field.Value));
    }

    private void Contents(ref Utf8JsonReader reader)
    {
        _hasContents = true;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Content(ref reader, "contents");
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fail("contents", "an array is expected.");
            return;
        }

        for (var index = 0; _error is null && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                Content(ref reader, $"contents[{index}]");
            else
                Fail($"contents[{index}]", "an object is expected.");
        }
    }

    private void Content(ref Utf8JsonReader reader, string path)
    {
        _content.Clear();
        Role? role = Role.User;
        List<ExtraField>? extra = null;
        while (_error is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (name.Span.SequenceEqual("role"u8))
                role = RoleOf(ref reader);
            else if (name.Span.SequenceEqual("parts"u8))
                Parts(ref reader, path + ".parts");
            else
                (extra ??= []).Add(new ExtraField(Encoding.UTF8.GetString(name.Span), JsonTokens.ReadRaw(ref reader, body)));
        }

        if (role is not { } speaker)
        {
            Fail(path + ".role", "\"user\" or \"model\" is expected.");
            return;
        }

        if (_error is not null)
            return;
        var turn = new Turn(speaker) { IsPlainString = _content is [TextBlock { Extra: null, ThoughtSignature.IsNull: true }] };
        turn.Blocks.AddRange(_content);
        turn.Extra.AddRange(extra ?? []);
        Request.Turns.Add(turn);
    }

    // A turn without a role is the user's. Results may come in turns of a role "function" or "tool".
    private static Role? RoleOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return Role.User;
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        if (reader.TextIs("model"u8) || reader.TextIs("assistant"u8))
            return Role.Assistant;
        if (reader.TextIs("system"u8))
            return Role.System;
        return reader.TextIs("user"u8) || reader.TextIs("function"u8) || reader.TextIs("tool"u8) || reader.TextIs(""u8) ? Role.User : null;
    }

    private void Parts(ref Utf8JsonReader reader, string path)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Part(ref reader, path);
            return;
        }

        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fail(path, "an array is expected.");
            return;
        }

        for (var index = 0; _error is null && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            Part(ref reader, $"{path}[{index}]");
    }

    private void Part(ref Utf8JsonReader reader, string path)
    {
        if (_parts.Read(ref reader, body, out var problem) is not { } block)
        {
            Fail(path, problem);
            return;
        }

        if (block is ToolCallBlock call)
            Open(call);
        else if (block is ToolResultBlock result)
            Pair(result);
        _content.Add(block);
    }

    private void Open(ToolCallBlock call)
    {
        var hasId = !call.Id.IsEmpty;
        if (!hasId)
            call.Id = GeminiIds.Make(_callCount);
        _callCount++;
        _open.Add(new OpenCall(call, hasId));
    }

    // By id; else the first call of that name that waits; else (no name at all) the first that waits.
    private void Pair(ToolResultBlock result)
    {
        var at = -1;
        if (!result.CallId.IsEmpty)
            at = _open.FindIndex(open => open.HasId && open.Call.Id == result.CallId);
        if (at < 0)
            at = _open.FindIndex(open => (result.Name.IsEmpty || open.Call.Name == result.Name) && (result.CallId.IsEmpty || !open.HasId));
        if (at >= 0)
        {
            (result.CallId, result.Name) = (_open[at].Call.Id, _open[at].Call.Name);
            _open.RemoveAt(at);
        }
        else if (result.CallId.IsEmpty)
        {
            result.CallId = GeminiIds.Make(_callCount++);
        }
    }

    private void SystemInstruction(ref Utf8JsonReader reader)
    {
        _content.Clear();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType == JsonTokenType.String)
        {
            _content.Add(new TextBlock(JsonTokens.ReadText(ref reader, body)));
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            Parts(ref reader, "systemInstruction");
        }
        else if (reader.TokenType != JsonTokenType.StartObject)
        {
            Fail("systemInstruction", "an object is expected.");
            return;
        }
        else
        {
            while (_error is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isParts = reader.TextIs("parts"u8);
                reader.Read();
                if (isParts)
                    Parts(ref reader, "systemInstruction.parts");
                else
                    reader.Skip();
            }
        }

        if (_content.Count == 0)
            return;
        var turn = new Turn(Role.System) { IsPlainString = _content is [TextBlock { Extra: null, ThoughtSignature.IsNull: true }] };
        turn.Blocks.AddRange(_content);
        Request.Turns.Insert(0, turn);
    }

    private void Fail(string path, string problem) => _error ??= GeminiScan.Invalid(path, problem);

    private readonly record struct OpenCall(ToolCallBlock Call, bool HasId);
}
