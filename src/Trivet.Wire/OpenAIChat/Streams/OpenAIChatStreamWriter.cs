using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Answers;

namespace Trivet.Wire.OpenAIChat.Streams;

/// <summary>
/// Writes an answer as a Chat stream. A state machine that cannot emit an illegal sequence, whatever it is told: the role once and first, one id, tool
/// calls under dense indices with id and name only first, one finish reason, usage only if asked for, <c>[DONE]</c> last, nothing behind an error.
/// Calls that make no sense in its state are ignored.
/// <para>
/// Thoughts are written as <c>reasoning_content</c>, which is what most agents read. Thoughts that will be signed stand in <c>reasoning_details</c> of the
/// same delta as well, as OpenRouter streams them, and their signature follows as an element without text: whoever reads one field or the other, or the
/// second where the first is missing, gets the text once, and a client that echoes the details keeps the proof (see <see cref="OpenAIChatReasoningDetails"/>).
/// </para>
/// </summary>
public sealed class OpenAIChatStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) : IStreamWriter
{
    private readonly List<OpenAIChatStreamBlock> _blocks = [];
    private readonly bool _asFunction = OpenAIChatFunctions.AreAskedFor(options);
    private byte[] _head = []; // data: {"id":…,"choices":[{"index":0,"delta":
    private byte[] _tail = []; // ,"finish_reason":null}]…}
    private State _state;
    private readonly UsedIds _callIds = new();
    private int _toolCalls;
    private int _pictures;
    private int _reasoningBlocks;
    private Usage? _usage;
    private OpenAIChatStreamBlock? _silentCall; // has ended without arguments: whether the limit cut it off is known at the end

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
        SayNoArguments();
        var state = new OpenAIChatStreamBlock(start.Kind);
        _blocks.Add(state);
        if (start.Kind == BlockKind.ToolCall)
            StartCall(state, in start);
        else if (start.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning)
            StartReasoning(state, in start);
        else if (start.Kind == BlockKind.Opaque)
            Other(in start);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { } state)
            return;
        if (state.Kind is BlockKind.Text or BlockKind.Refusal)
            Say(state, token);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { Kind: BlockKind.Reasoning } state)
            return;
        if (state.Held is { } held)
            held.Text.Append(token);
        else if (state.Prefix.Length > 0)
            Delta(ReasoningContent, token, state.Prefix, token, state.Suffix);
        else
            Delta(ReasoningContent, token, "}"u8);
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
        value = JsonTokens.OnOneLine(value);
        switch (attribute)
        {
            case BlockAttribute.ReasoningDetail when state.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning:
                state.HasDetails = true;
                if (state.Held is { } held)
                    held.Add(value);
                else
                    Delta("{\"reasoning_details\":["u8, value, "]}"u8);
                break;
            case BlockAttribute.Signature when state is { Kind: BlockKind.Reasoning, HasDetails: false } && value.Length > 2 && !ForeignSignature.IsForeign(value[1..]):
                Signature(state, value);
                break;
            case BlockAttribute.Encrypted when state is { Kind: BlockKind.RedactedReasoning, HasDetails: false } && value.Length > 2:
                state.HasDetails = true;
                Delta("{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"u8, value, Encoding.UTF8.GetBytes($",\"format\":\"{OpenAIChatReasoningDetails.FormatOf(state.Origin, value)}\",\"index\":{state.Index}}}]}}"));
                break;
            case BlockAttribute.ThoughtSignature when state.Kind == BlockKind.Opaque || state.Kind == BlockKind.ToolCall && _asFunction:
                break; // neither a picture nor a call without an id has a place for it
            case BlockAttribute.ThoughtSignature when state.Kind == BlockKind.ToolCall:
                // The Vercel AI SDK (6 and 7, 2026-11) takes no call delta without a function.
                Delta(Encoding.UTF8.GetBytes($"{{\"tool_calls\":[{{\"index\":{state.Index},\"function\":{{\"arguments\":\"\"}},\"extra_content\":{{\"google\":{{\"thought_signature\":"), value, "}}}]}"u8);
                break;
            case BlockAttribute.ThoughtSignature:
                Delta("{\"extra_content\":{\"google\":{\"thought_signature\":"u8, value, "}}}"u8);
                break;
            case BlockAttribute.LogProbs when state.Kind is BlockKind.Text or BlockKind.Refusal:
                LogProbabilities.Join(value, state.LogProbs ??= new ArrayBufferWriter<byte>());
                break;
            case BlockAttribute.Citation when state.Kind == BlockKind.Text:
                var annotations = new ArrayBufferWriter<byte>(value.Length + 64);
                var isFirst = true;
                if (OpenAIChatAnnotations.TryWrite(value, annotations, ref isFirst))
                    Delta("{\"annotations\":["u8, annotations.WrittenSpan, "]}"u8);
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
        if (!reason.CutsOff())
            SayNoArguments();
        if (!stopSequence.IsNull)
            losses.Add(OpenAIChatLosses.StopSequence);
        if (reason is StopReason.PauseTurn or StopReason.Refusal or StopReason.ContextWindow)
            losses.Add(OpenAIChatLosses.StopReason);
        output.Write(_head);
        output.Write("{},\"logprobs\":null,\"finish_reason\":\""u8);
        output.Write(OpenAIChatStopReasons.Write(reason, _toolCalls > 0, _asFunction));
        output.Write(options.IncludeUsage ? "\"}],\"usage\":null}\n\n"u8 : "\"}]}\n\n"u8);
        _state = State.Stopped;
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (_state == State.Ended)
            return;
        _state = State.Ended;
        OpenAIChatErrors.WriteStreamEvent(error, options.RequestId, output);
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

    private static ReadOnlySpan<byte> ReasoningContent => "{\"reasoning_content\":"u8;

    // How a tail begins.
    private static ReadOnlySpan<byte> NoLogProbs => ",\"logprobs\":null"u8;

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

    private void Delta(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after) => Delta(before, value, default, default, after);

    private void Delta(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> between, ReadOnlySpan<byte> second, ReadOnlySpan<byte> after)
    {
        var length = _head.Length + before.Length + value.Length + between.Length + second.Length + after.Length + _tail.Length;
        var span = output.GetSpan(length);
        var at = 0;
        Append(span, ref at, _head);
        Append(span, ref at, before);
        Append(span, ref at, value);
        Append(span, ref at, between);
        Append(span, ref at, second);
        Append(span, ref at, after);
        Append(span, ref at, _tail);
        output.Advance(length);
    }

    private void Other(in BlockStart start)
    {
        if (DrawnPicture.Of(start.Origin, start.Type, start.Raw) is not { } picture)
        {
            losses.AddUnknown("content." + (start.Type ?? "unknown"), Protocol.OpenAIChat);
            return;
        }

        var image = new ArrayBufferWriter<byte>(picture.Data.Token.Length + 128);
        picture.WriteForChat(image, _pictures++);
        Delta("{\"images\":["u8, image.WrittenSpan, "]}"u8);
    }

    private void Say(OpenAIChatStreamBlock state, ReadOnlySpan<byte> token)
    {
        var isText = state.Kind == BlockKind.Text;
        if (state.LogProbs is not { WrittenCount: > 0 } logProbs)
        {
            Delta(isText ? "{\"content\":"u8 : "{\"refusal\":"u8, token, "}"u8);
            return;
        }

        output.Write(_head);
        output.Write(isText ? "{\"content\":"u8 : "{\"refusal\":"u8);
        output.Write(token);
        output.Write(isText ? "},\"logprobs\":{\"content\":["u8 : "},\"logprobs\":{\"content\":null,\"refusal\":["u8);
        output.Write(logProbs.WrittenSpan);
        output.Write(isText ? "],\"refusal\":null}"u8 : "]}"u8);
        output.Write(_tail.AsSpan(NoLogProbs.Length));
        logProbs.ResetWrittenCount();
    }

    private static void Append(Span<byte> target, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target[at..]);
        at += bytes.Length;
    }

    private void StartCall(OpenAIChatStreamBlock state, in BlockStart start)
    {
        state.Index = _toolCalls++;
        if (_asFunction)
        {
            StartFunction(state, in start);
            return;
        }

        state.IsCustom = start.ToolKind == ToolKind.Custom;
        state.Prefix = Encoding.UTF8.GetBytes(state.IsCustom ? $"{{\"tool_calls\":[{{\"index\":{state.Index},\"custom\":{{\"input\":" : $"{{\"tool_calls\":[{{\"index\":{state.Index},\"function\":{{\"arguments\":");
        var call = new ArrayBufferWriter<byte>(128);
        call.Write(Encoding.UTF8.GetBytes($"{{\"tool_calls\":[{{\"index\":{state.Index},\"id\":"));
        call.Write(new JsonText(_callIds.Take(start.Id.IsEmpty ? OpenAIChatIds.MakeCallId(options.FallbackId, options.CreatedAt, state.Index) : start.Id.ToString())).ToToken().Span);
        call.Write(state.IsCustom ? ",\"type\":\"custom\",\"custom\":{\"name\":"u8 : ",\"type\":\"function\",\"function\":{\"name\":"u8);
        call.Write((start.Name.IsEmpty ? new JsonText("unnamed") : start.Name).ToToken().Span);
        call.Write(state.IsCustom ? ",\"input\":\"\"}}]}"u8 : ",\"arguments\":\"\"}}]}"u8);
        Delta(call.WrittenSpan, default, default);
    }

    private void StartFunction(OpenAIChatStreamBlock state, in BlockStart start)
    {
        if (state.Index > 0)
        {
            losses.Add(OpenAIChatLosses.FurtherCalls);
            state.IsEnded = true;
            return;
        }

        state.Prefix = "{\"function_call\":{\"arguments\":"u8.ToArray();
        Delta("{\"function_call\":{\"name\":"u8, (start.Name.IsEmpty ? new JsonText("unnamed") : start.Name).ToToken().Span, ",\"arguments\":\"\"}}"u8);
    }

    private void Arguments(OpenAIChatStreamBlock state, ReadOnlySpan<byte> token) => Delta(state.Prefix, token, _asFunction ? "}}"u8 : "}}]}"u8);

    private void StartReasoning(OpenAIChatStreamBlock state, in BlockStart start)
    {
        (state.Index, state.Origin) = (_reasoningBlocks++, start.Origin);
        if (start.Carrier == ReasoningCarrier.ReasoningDetails)
        {
            state.Held = new OpenAIChatHeldDetails();
        }
        else if (start.Origin == Protocol.AnthropicMessages)
        {
            state.Prefix = ",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"u8.ToArray();
            state.Suffix = Encoding.UTF8.GetBytes($",\"format\":\"{OpenAIChatReasoningDetails.AnthropicFormat}\",\"index\":{state.Index}}}]}}");
        }
    }

    private void Signature(OpenAIChatStreamBlock state, ReadOnlySpan<byte> value)
    {
        state.HasDetails = true;
        var suffix = Encoding.UTF8.GetBytes($",\"format\":\"{OpenAIChatReasoningDetails.AnthropicFormat}\",\"index\":{state.Index}}}]}}");
        Delta("{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"\",\"signature\":"u8, value, suffix);
    }

    // Elements repeat the text beside them, so both go out in one delta.
    private void Release(OpenAIChatHeldDetails held)
    {
        if (held.Elements.WrittenCount == 0 && held.Text.IsEmpty)
            return;
        if (held.Elements.WrittenCount == 0)
            Delta(ReasoningContent, held.Text.AsToken(), "}"u8);
        else if (held.Text.IsEmpty)
            Delta("{\"reasoning_details\":["u8, held.Elements.WrittenSpan, "]}"u8);
        else
            Delta(ReasoningContent, held.Text.AsToken(), ",\"reasoning_details\":["u8, held.Elements.WrittenSpan, "]}"u8);
    }

    private void End(OpenAIChatStreamBlock state)
    {
        if (state.IsEnded)
            return;
        if (state.LogProbs is { WrittenCount: > 0 })
            Say(state, "\"\""u8);
        state.IsEnded = true;
        if (state.Held is { } held)
            Release(held);
        state.Held = null;
        if (state is not { Kind: BlockKind.ToolCall, HasArguments: false, IsCustom: false })
            return;
        _silentCall = state;
        if (state != _blocks[^1])
            SayNoArguments();
    }

    // Agents parse the text: a call without arguments has an empty object.
    private void SayNoArguments()
    {
        if (_silentCall is { } call)
            Arguments(call, "\"{}\""u8);
        _silentCall = null;
    }

    private OpenAIChatStreamBlock? Find(int block) => _state == State.Open && block >= 0 && block < _blocks.Count && !_blocks[block].IsEnded ? _blocks[block] : null;
}
