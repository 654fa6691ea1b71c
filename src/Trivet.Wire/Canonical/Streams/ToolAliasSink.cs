using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>
/// Turns the calls of tools that were offered under another name or form back into calls of the client's own tools, between a stream's reader and its
/// writer. The text for a free-form tool is held until the call is complete: it stands inside an argument object.
/// </summary>
/// <param name="next">Who gets the answer.</param>
/// <param name="aliases">What was offered under another name.</param>
public sealed class ToolAliasSink(IStreamSink next, ToolAliases aliases) : IStreamSink
{
    private readonly Dictionary<int, TokenBuffer> _held = [];

    /// <summary>Turns the calls of a whole answer back.</summary>
    public static void Apply(CanonicalResponse response, ToolAliases aliases)
    {
        if (aliases.IsEmpty)
            return;
        foreach (var block in response.Blocks)
        {
            if (block is not ToolCallBlock call || !aliases.TryFind(call.Name.ToString(), out var tool))
                continue;
            (call.Name, call.Namespace, call.Kind) = (tool!.Name, tool.Namespace, tool.Kind);
            if (tool.Kind == ToolKind.Custom && TryUnwrap(call.Arguments, out var text))
                call.Arguments = text;
        }
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start) => next.OnStart(start);

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (start.Kind != BlockKind.ToolCall || !aliases.TryFind(start.Name.ToString(), out var tool))
        {
            next.OnBlockStart(block, start);
            return;
        }

        if (tool!.Kind == ToolKind.Custom && start.ToolKind == ToolKind.Function)
            _held[block] = new TokenBuffer();
        next.OnBlockStart(block, start with { Name = tool.Name, Namespace = tool.Namespace, ToolKind = tool.Kind });
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token) => next.OnTextDelta(block, token);

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token) => next.OnReasoningDelta(block, token);

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (_held.TryGetValue(block, out var held))
            held.Append(token);
        else
            next.OnArgumentsDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value) => next.OnBlockAttribute(block, attribute, value);

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (_held.Remove(block, out var held))
        {
            var token = TryUnwrapToken(held.Decode(), out var inner) ? inner : held.AsToken().ToArray();
            next.OnArgumentsDelta(block, token.Span);
        }

        next.OnBlockEnd(block);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => next.OnUsage(usage);

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence) => next.OnStop(reason, nativeReason, stopSequence);

    /// <inheritdoc/>
    public void OnError(WireError error) => next.OnError(error);

    /// <inheritdoc/>
    public void OnEnd() => next.OnEnd();

    private static bool TryUnwrap(ReadOnlyMemory<byte> arguments, out ReadOnlyMemory<byte> text)
    {
        text = default;
        if (!TryUnwrapToken(arguments, out var token))
            return false;
        var buffer = new TokenBuffer();
        buffer.Append(token.Span);
        text = buffer.Decode();
        return true;
    }

    // {"input": "…"} (ToolAliases.CustomArgument): the string token of the only argument.
    private static bool TryUnwrapToken(ReadOnlyMemory<byte> arguments, out ReadOnlyMemory<byte> token)
    {
        token = default;
        try
        {
            var reader = new Utf8JsonReader(arguments.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isInput = reader.TextIs("input"u8);
                reader.Read();
                if (isInput && reader.TokenType == JsonTokenType.String)
                {
                    var start = (int)reader.TokenStartIndex;
                    token = arguments[start..(int)reader.BytesConsumed];
                    return true;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // what the model wrote is no JSON: it is handed on as it stands
        }

        return false;
    }
}
