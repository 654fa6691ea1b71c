using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// Writes an answer as a Chat stream. A state machine that cannot emit an illegal sequence, whatever it is told: the role once and first, one id, tool
/// calls under dense indices with id and name only first, one finish reason, usage only if asked for, <c>[DONE]</c> last, nothing behind an error.
/// Calls that make no sense in its state are ignored.
/// <para>
/// Thoughts are written as <c>reasoning_content</c>, which is what most agents read. A signature or encrypted thoughts go out as one whole
/// <c>reasoning_details</c> element when they arrive, so that a client that echoes them keeps them (see <see cref="OpenAIChatReasoningDetails"/>).
/// </para>
/// </summary>
public sealed class OpenAIChatStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) : IStreamWriter
{
    private readonly List<BlockState> _blocks = [];
    private byte[] _head = []; // data: {"id":…,"choices":[{"index":0,"delta":
    private byte[] _tail = []; // ,"finish_reason":null}]…}
    private State _state;
    private int _toolCalls;
    private int _reasoningBlocks;
    private Usage? _usage;

    private enum State : byte
    {
        New,
        Open,
        Stopped,
        Ended,
    }

    /// <summary>Keeps the line alive: a comment, legal before, between and behind events. Nothing once the stream has ended.</summary>
    public void WritePing()
    {
        if (_state != State.Ended)
            output.Write(": ping\n\n"u8);
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        if (_state == State.New)
            Begin(start);
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (!TryOpen() || block < 0 || block != _blocks.Count)
            return;
        var state = new BlockState(start.Kind);
        _blocks.Add(state);
        if (start.Kind == BlockKind.ToolCall)
            StartCall(state, in start);
        else if (start.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning)
            state.Index = _reasoningBlocks++;
        else if (start.Kind == BlockKind.Opaque)
            losses.AddUnknown("content." + (start.Type ?? "unknown"), Protocol.OpenAIChat);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { } state)
            return;
        if (state.Kind == BlockKind.Text)
            Delta("{\"content\":"u8, token, "}"u8);
        else if (state.Kind == BlockKind.Refusal)
            Delta("{\"refusal\":"u8, token, "}"u8);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { Kind: BlockKind.Reasoning } state)
            return;
        Delta("{\"reasoning_content\":"u8, token, "}"u8);
        (state.Text ??= new ArrayBufferWriter<byte>(256)).Write(token[1..^1]); // for a signature that may come
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { Kind: BlockKind.ToolCall } state)
            return;
        state.HasArguments = true;
        Arguments(state, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || Find(block) is not { } state)
            return;
        switch (attribute)
        {
            case BlockAttribute.ReasoningDetail when state.Kind == BlockKind.RedactedReasoning: // a text's detail would say again what reasoning_content says
                state.HasDetails = true;
                Delta("{\"reasoning_details\":["u8, value, "]}"u8);
                break;
            case BlockAttribute.Signature when state is { Kind: BlockKind.Reasoning, HasDetails: false } && value.Length > 2 && !ForeignSignature.IsForeign(value[1..]):
                Signature(state, value);
                break;
            case BlockAttribute.Encrypted when state is { Kind: BlockKind.RedactedReasoning, HasDetails: false }:
                state.HasDetails = true;
                Delta("{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"u8, value, Encoding.UTF8.GetBytes($",\"format\":\"{OpenAIChatReasoningDetails.AnthropicFormat}\",\"index\":{state.Index}}}]}}"));
                break;
            case BlockAttribute.ThoughtSignature when state.Kind == BlockKind.ToolCall:
                Delta(Encoding.UTF8.GetBytes($"{{\"tool_calls\":[{{\"index\":{state.Index},\"extra_content\":{{\"google\":{{\"thought_signature\":"), value, "}}}]}"u8);
                break;
            case BlockAttribute.ThoughtSignature:
                Delta("{\"extra_content\":{\"google\":{\"thought_signature\":"u8, value, "}}}"u8);
                break;
            case BlockAttribute.Citation when state.Kind == BlockKind.Text:
                if (OpenAIChatAnnotations.IsAnnotation(value))
                    Delta("{\"annotations\":["u8, value, "]}"u8);
                else
                    losses.Add(OpenAIChatLosses.Citations);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (Find(block) is { } state)
            End(state);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => _usage = usage;

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        if (!TryOpen())
            return;
        if (reason == StopReason.Error)
        {
            OnError(OpenAIChatStopReasons.BrokenOff(nativeReason ?? "error"));
            return;
        }

        foreach (var block in _blocks)
            End(block);
        if (!stopSequence.IsNull)
            losses.Add(OpenAIChatLosses.StopSequence);
        if (reason is StopReason.PauseTurn or StopReason.Refusal or StopReason.ContextWindow)
            losses.Add(OpenAIChatLosses.StopReason);
        output.Write(_head);
        output.Write("{},\"logprobs\":null,\"finish_reason\":\""u8);
        output.Write(OpenAIChatStopReasons.Write(reason, _toolCalls > 0));
        output.Write(options.IncludeUsage ? "\"}],\"usage\":null}\n\n"u8 : "\"}]}\n\n"u8);
        _state = State.Stopped;
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (_state == State.Ended)
            return;
        _state = State.Ended;
        OpenAIChatErrors.WriteStreamEvent(error, "", output);
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (_state == State.Ended)
            return;
        if (_state != State.Stopped)
            OnStop(StopReason.EndTurn, null, default);
        if (options.IncludeUsage && _usage is { } usage)
        {
            output.Write(_head.AsSpan(0, _head.Length - ChoicesOpen.Length));
            output.Write("\"choices\":[],\"usage\":"u8);
            var writer = JsonWriters.Rent(output);
            OpenAIChatUsage.Write(writer, in usage);
            JsonWriters.Return(writer);
            output.Write("}\n\n"u8);
        }

        output.Write("data: [DONE]\n\n"u8);
        _state = State.Ended;
    }

    private static ReadOnlySpan<byte> ChoicesOpen => "\"choices\":[{\"index\":0,\"delta\":"u8;

    private bool TryOpen()
    {
        if (_state == State.New)
            Begin(new StreamStart("", "", 0));
        return _state == State.Open;
    }

    // What stays the same from chunk to chunk is made once, so that a delta is three copies.
    private void Begin(in StreamStart start)
    {
        var head = new ArrayBufferWriter<byte>(256);
        head.Write("data: {\"id\":"u8);
        JsonTokens.Quote(Encoding.UTF8.GetBytes(start.Id.Length > 0 ? start.Id : "chatcmpl-" + options.FallbackId), head);
        head.Write(",\"object\":\"chat.completion.chunk\",\"created\":"u8);
        head.Write(Encoding.UTF8.GetBytes((start.CreatedAt > 0 ? start.CreatedAt : options.CreatedAt).ToString()));
        head.Write(",\"model\":"u8);
        JsonTokens.Quote(Encoding.UTF8.GetBytes(start.Model.Length > 0 ? start.Model : options.FallbackModel), head);
        head.Write(","u8);
        head.Write(ChoicesOpen);
        _head = head.WrittenSpan.ToArray();
        _tail = (options.IncludeUsage ? ",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"u8 : ",\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8).ToArray();
        _state = State.Open;
        Delta("{\"role\":\"assistant\",\"content\":\"\"}"u8, default, default);
    }

    private void Delta(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after)
    {
        var length = _head.Length + before.Length + value.Length + after.Length + _tail.Length;
        var span = output.GetSpan(length);
        var at = 0;
        Append(span, ref at, _head);
        Append(span, ref at, before);
        Append(span, ref at, value);
        Append(span, ref at, after);
        Append(span, ref at, _tail);
        output.Advance(length);
    }

    private static void Append(Span<byte> target, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target[at..]);
        at += bytes.Length;
    }

    private void StartCall(BlockState state, in BlockStart start)
    {
        state.Index = _toolCalls++;
        state.IsCustom = start.ToolKind == ToolKind.Custom;
        state.Prefix = Encoding.UTF8.GetBytes(state.IsCustom ? $"{{\"tool_calls\":[{{\"index\":{state.Index},\"custom\":{{\"input\":" : $"{{\"tool_calls\":[{{\"index\":{state.Index},\"function\":{{\"arguments\":");
        var call = new ArrayBufferWriter<byte>(128);
        call.Write(Encoding.UTF8.GetBytes($"{{\"tool_calls\":[{{\"index\":{state.Index},\"id\":"));
        call.Write((start.Id.IsEmpty ? new JsonText(OpenAIChatIds.MakeCallId(options.FallbackId, options.CreatedAt, state.Index)) : start.Id).ToToken().Span);
        call.Write(state.IsCustom ? ",\"type\":\"custom\",\"custom\":{\"name\":"u8 : ",\"type\":\"function\",\"function\":{\"name\":"u8);
        call.Write((start.Name.IsNull ? new JsonText("") : start.Name).ToToken().Span);
        call.Write(state.IsCustom ? ",\"input\":\"\"}}]}"u8 : ",\"arguments\":\"\"}}]}"u8);
        Delta(call.WrittenSpan, default, default);
    }

    private void Arguments(BlockState state, ReadOnlySpan<byte> token) => Delta(state.Prefix, token, "}}]}"u8);

    private void Signature(BlockState state, ReadOnlySpan<byte> value)
    {
        state.HasDetails = true;
        var element = new ArrayBufferWriter<byte>(256 + (state.Text?.WrittenCount ?? 0));
        element.Write("{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\""u8);
        element.Write(state.Text is null ? default : state.Text.WrittenSpan);
        element.Write("\",\"signature\":"u8);
        Delta(element.WrittenSpan, value, Encoding.UTF8.GetBytes($",\"format\":\"{OpenAIChatReasoningDetails.AnthropicFormat}\",\"index\":{state.Index}}}]}}"));
    }

    private void End(BlockState state)
    {
        if (state.IsEnded)
            return;
        state.IsEnded = true;
        state.Text = null;
        if (state is { Kind: BlockKind.ToolCall, HasArguments: false, IsCustom: false })
            Arguments(state, "\"{}\""u8); // a call without arguments: agents parse the text
    }

    private BlockState? Find(int block) => _state == State.Open && block >= 0 && block < _blocks.Count && !_blocks[block].IsEnded ? _blocks[block] : null;

    private sealed class BlockState(BlockKind kind)
    {
        public BlockKind Kind { get; } = kind;

        /// <summary>Index among the calls or among the thoughts.</summary>
        public int Index { get; set; }

        public bool IsCustom { get; set; }

        public bool IsEnded { get; set; }

        public bool HasArguments { get; set; }

        public bool HasDetails { get; set; }

        public byte[] Prefix { get; set; } = [];

        public ArrayBufferWriter<byte>? Text { get; set; }
    }
}
