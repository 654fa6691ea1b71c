using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>
/// Plays a whole answer into a sink, as a stream would have told it: for clients that asked for a stream where the upstream has none. Blocks
/// come one after the other, each in a single delta. Media blocks and further choices have no word in a stream and are left out.
/// </summary>
public static class ResponsePlayer
{
    /// <summary>Plays the answer, from start to end.</summary>
    public static void Play(CanonicalResponse response, IStreamSink sink)
    {
        sink.OnStart(new StreamStart(response.Id, response.Model, response.CreatedAt));
        var id = 0;
        var ofChoice = LogProbabilities.OfChoice(response);
        foreach (var block in response.Blocks)
        {
            if (PlayBlock(block, id, response.Origin, sink, block is TextBlock ? ofChoice : default))
                id++;
            if (block is TextBlock)
                ofChoice = default;
        }

        if (response.Usage is { } usage)
            sink.OnUsage(usage);
        sink.OnStop(response.StopReason, response.NativeStopReason, response.StopSequence);
        sink.OnEnd();
    }

    /// <summary>Notes what of an answer no stream of <paramref name="target"/> has been told.</summary>
    public static void NoteUnsaid(CanonicalResponse response, Protocol target, LossList losses)
    {
        foreach (var field in response.Extra)
            losses.AddUnknown("", field, target);
        foreach (var block in response.Blocks)
        {
            if (block is TextBlock text)
                losses.AddUnsaid([.. (text.Extra ?? []).Select(static field => field.Name)], target);
        }

        if (response.MoreChoices is { Count: > 0 })
            losses.AddUnknown("choices", target);
        if (response.Blocks.Exists(static block => block is MediaBlock))
            losses.AddUnknown("media", target);
    }

    /// <summary>Plays one block from its start to its end. False for one that has no word in a stream, of which nothing is told.</summary>
    internal static bool PlayBlock(Block block, int id, Protocol origin, IStreamSink sink, RawJson ofChoice = default)
    {
        var logProbs = LogProbabilities.With(block) is { IsAbsent: false } own ? own : ofChoice;
        switch (block)
        {
            case TextBlock text:
                sink.OnBlockStart(id, new BlockStart { Kind = BlockKind.Text, Origin = origin, Phase = PhaseOf(text) });
                if (!logProbs.IsAbsent)
                    sink.OnBlockAttribute(id, BlockAttribute.LogProbs, logProbs.Utf8.Span);
                if (!text.Text.IsEmpty)
                    sink.OnTextDelta(id, text.Text.ToToken().Span);
                PlayElements(text.Citations, id, BlockAttribute.Citation, sink);
                break;
            case RefusalBlock refusal:
                sink.OnBlockStart(id, new BlockStart { Kind = BlockKind.Refusal, Origin = origin });
                if (!logProbs.IsAbsent)
                    sink.OnBlockAttribute(id, BlockAttribute.LogProbs, logProbs.Utf8.Span);
                if (!refusal.Text.IsEmpty)
                    sink.OnTextDelta(id, refusal.Text.ToToken().Span);
                break;
            case ReasoningBlock reasoning:
                PlayReasoning(reasoning, id, origin, sink);
                break;
            case ToolCallBlock call:
                sink.OnBlockStart(id, new BlockStart { Kind = BlockKind.ToolCall, Id = call.Id, Name = call.Name, Namespace = call.Namespace, ToolKind = call.Kind, Origin = origin });
                if (!call.Arguments.IsEmpty)
                {
                    var token = new ArrayBufferWriter<byte>(call.Arguments.Length + 16);
                    JsonTokens.Quote(call.Arguments.Span, token);
                    sink.OnArgumentsDelta(id, token.WrittenSpan);
                }

                break;
            case OpaqueBlock opaque:
                sink.OnBlockStart(id, new BlockStart { Kind = BlockKind.Opaque, Raw = opaque.Raw, Origin = opaque.Origin, Type = opaque.Type });
                break;
            default:
                return false;
        }

        if (!block.ThoughtSignature.IsNull)
            sink.OnBlockAttribute(id, BlockAttribute.ThoughtSignature, block.ThoughtSignature.ToToken().Span);
        sink.OnBlockEnd(id);
        return true;
    }

    /// <summary>The phase of the message that a text begins; empty for none.</summary>
    internal static JsonText PhaseOf(TextBlock text) =>
        text.Extra?.Find(static field => field.Name == LossList.MessagePhase).Value is { IsNull: false } phase ? JsonText.FromToken(phase.Utf8) : default;

    private static void PlayReasoning(ReasoningBlock reasoning, int id, Protocol origin, IStreamSink sink)
    {
        var kind = reasoning.IsRedacted ? BlockKind.RedactedReasoning : BlockKind.Reasoning;
        sink.OnBlockStart(id, new BlockStart { Kind = kind, Carrier = reasoning.Carrier, Id = reasoning.Id, IsSummary = reasoning.IsSummary, Origin = origin });
        if (!reasoning.Text.IsEmpty && !reasoning.IsRedacted)
            sink.OnReasoningDelta(id, reasoning.Text.ToToken().Span);
        PlayElements(reasoning.Details, id, BlockAttribute.ReasoningDetail, sink);
        if (!reasoning.Encrypted.IsNull)
            sink.OnBlockAttribute(id, BlockAttribute.Encrypted, reasoning.Encrypted.ToToken().Span);
        if (!reasoning.Signature.IsNull)
            sink.OnBlockAttribute(id, BlockAttribute.Signature, reasoning.Signature.ToToken().Span);
    }

    private static void PlayElements(RawJson array, int id, BlockAttribute attribute, IStreamSink sink)
    {
        if (array.IsNull || array.Utf8.Span[0] != (byte)'[')
            return;
        var reader = new Utf8JsonReader(array.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            sink.OnBlockAttribute(id, attribute, JsonTokens.ReadRaw(ref reader, array.Utf8).Utf8.Span);
    }
}
