using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>Writes a whole answer as a GenerateContentResponse.</summary>
public static class GeminiResponseWriter
{
    /// <summary>Writes the answer; what cannot be said goes to <paramref name="losses"/>. Never throws.</summary>
    public static void Write(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses)
    {
        var isNative = response.Origin == Protocol.Gemini;
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        if (response.Blocks.Count > 0 || GeminiStopReasons.BlockReason(response.NativeStopReason) is not { } blocked)
            WriteCandidates(writer, response, options, losses);
        else if (!isNative || !response.Extra.Exists(static field => field.Name == "promptFeedback"))
            WriteBlocked(writer, blocked);
        if (response.Usage is { } usage)
        {
            writer.WritePropertyName("usageMetadata"u8);
            GeminiUsage.Write(writer, in usage, isNative ? response.ServiceTier : default);
        }

        writer.WriteString("modelVersion"u8, response.Model.Length > 0 ? response.Model : options.FallbackModel);
        writer.WriteString("responseId"u8, response.Id.Length > 0 ? response.Id : options.FallbackId);
        WriteExtra(writer, response, isCandidate: false, losses);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        GeminiStopReasons.NoteLosses(response.StopReason, !response.StopSequence.IsNull, losses);
        if (response.StopReason == StopReason.Error)
            losses.Add(GeminiLosses.AnswerStop);
    }

    /// <summary>An id for a call that came without one.</summary>
    internal static string MakeCallId(ResponseWriterOptions options, int call)
    {
        var hasher = new PrefixHasher();
        hasher.Add(Encoding.UTF8.GetBytes(options.FallbackId));
        return $"call_{hasher.Value:x16}{call}";
    }

    /// <summary>The arguments of a free-form call: its text where that is an object (xAI's own tools: openai-responses-107), otherwise an object around it.</summary>
    internal static ReadOnlySpan<byte> ArgumentsOfCustom(ReadOnlyMemory<byte> text)
    {
        var trimmed = text.Span.Trim(" \t\r\n"u8);
        if (!trimmed.IsEmpty && trimmed[0] == (byte)'{' && ToolArguments.IsJson(trimmed))
            return trimmed;
        var wrapped = new ArrayBufferWriter<byte>(text.Length + 32);
        wrapped.Write("{\"input\":"u8);
        JsonTokens.Quote(text.Span, wrapped);
        wrapped.Write("}"u8);
        return wrapped.WrittenSpan;
    }

    private static void WriteBlocked(Utf8JsonWriter writer, string reason)
    {
        writer.WriteStartObject("promptFeedback"u8);
        writer.WriteString("blockReason"u8, reason);
        writer.WriteEndObject();
    }

    private static void WriteCandidates(Utf8JsonWriter writer, CanonicalResponse response, ResponseWriterOptions options, LossList losses)
    {
        writer.WriteStartArray("candidates"u8);
        writer.WriteStartObject();
        var candidate = new Candidate(writer, options, response.Origin == Protocol.Gemini, losses);
        candidate.Write(response.Blocks, GeminiStopReasons.Write(response.StopReason, response.NativeStopReason), 0);
        WriteExtra(writer, response, isCandidate: true, losses);
        writer.WriteEndObject();
        for (var i = 0; i < (response.MoreChoices?.Count ?? 0); i++)
        {
            var choice = response.MoreChoices![i];
            writer.WriteStartObject();
            candidate.Write(choice.Blocks, GeminiStopReasons.Write(choice.StopReason, null), i + 1);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteExtra(Utf8JsonWriter writer, CanonicalResponse response, bool isCandidate, LossList losses)
    {
        foreach (var (name, value) in response.Extra)
        {
            if (response.Origin != Protocol.Gemini)
            {
                if (!isCandidate)
                    losses.AddUnknown("", new ExtraField(name, value), Protocol.Gemini);
                continue;
            }

            if (name.StartsWith(GeminiChunk.CandidatePrefix, StringComparison.Ordinal) != isCandidate)
                continue;
            writer.WritePropertyName(isCandidate ? name[GeminiChunk.CandidatePrefix.Length..] : name);
            value.WriteTo(writer);
        }
    }

    /// <summary>Writes the inside of a candidate, one after the other.</summary>
    private sealed class Candidate(Utf8JsonWriter writer, ResponseWriterOptions options, bool isNative, LossList losses)
    {
        private readonly byte[]?[] _citations = new byte[]?[GeminiCitations.Kinds];
        private GeminiSources _sources = new();
        private UsedIds _callIds = new();
        private bool _hasParts;
        private int _calls;

        public void Write(List<Block> blocks, string finishReason, int index)
        {
            Array.Clear(_citations);
            (_sources, _callIds, _hasParts) = (new GeminiSources(), new UsedIds(), false);
            writer.WriteStartObject("content"u8);
            writer.WriteStartArray("parts"u8);
            foreach (var block in blocks)
                WriteBlock(block);
            if (!_hasParts)
                WriteText("", default, isThought: false);
            writer.WriteEndArray();
            writer.WriteString("role"u8, "model"u8);
            writer.WriteEndObject();
            writer.WriteString("finishReason"u8, finishReason);
            writer.WriteNumber("index"u8, index);
            _citations[0] ??= _sources.ToGroundingMetadata();
            for (var kind = 0; kind < _citations.Length; kind++)
            {
                if (_citations[kind] is { } metadata)
                    new RawJson(metadata).WriteTo(writer, GeminiCitations.NameOf(kind));
            }
        }

        private void WriteBlock(Block block)
        {
            switch (block)
            {
                case TextBlock text:
                    losses.AddExtra(text, Protocol.Gemini);
                    Cite(text.Citations);
                    if (!text.Text.IsEmpty || !text.ThoughtSignature.IsNull)
                        WriteText(text.Text, text.ThoughtSignature, isThought: false);
                    break;
                case RefusalBlock refusal when !refusal.Text.IsEmpty:
                    losses.Add(GeminiLosses.AnswerRefusal);
                    WriteText(refusal.Text, default, isThought: false);
                    break;
                case ReasoningBlock reasoning:
                    WriteThought(reasoning);
                    break;
                case ToolCallBlock call:
                    WriteCall(call);
                    break;
                case OpaqueBlock { Origin: Protocol.Gemini } opaque:
                    _hasParts = true;
                    opaque.Raw.WriteTo(writer);
                    break;
                case OpaqueBlock opaque when DrawnPicture.Of(opaque.Origin, opaque.Type, opaque.Raw) is { } picture:
                    _hasParts = true;
                    writer.WriteRawValue(picture.ToGeminiPart(), skipInputValidation: true);
                    break;
                case OpaqueBlock:
                    losses.Add(GeminiLosses.AnswerBlock);
                    break;
                case MediaBlock media:
                    WriteMedia(media);
                    break;
            }
        }

        private void WriteText(JsonText text, JsonText signature, bool isThought)
        {
            _hasParts = true;
            writer.WriteStartObject();
            (text.IsNull ? new JsonText("") : text).WriteTo(writer, "text"u8);
            if (isThought)
                writer.WriteBoolean("thought"u8, true);
            if (!signature.IsNull)
                signature.WriteTo(writer, "thoughtSignature"u8);
            writer.WriteEndObject();
        }

        private void WriteThought(ReasoningBlock thought)
        {
            if (!thought.Encrypted.IsNull)
                losses.Add(GeminiLosses.AnswerEncrypted);
            var signature = thought.ThoughtSignature;
            if (signature.IsNull && !isNative && !thought.Text.IsEmpty)
                signature = new JsonText(ForeignSignature.Make(options.ReasoningOrigin));
            if (!thought.Text.IsEmpty || !signature.IsNull)
                WriteText(thought.IsRedacted ? "" : thought.Text, signature, isThought: true);
        }

        private void WriteCall(ToolCallBlock call)
        {
            _hasParts = true;
            writer.WriteStartObject();
            writer.WriteStartObject("functionCall"u8);
            writer.WriteString("id"u8, _callIds.Take(call.Id.IsEmpty ? MakeCallId(options, _calls) : call.Id.ToString()));
            _calls++;
            (call.Name.IsEmpty ? new JsonText("unnamed") : call.Name).WriteTo(writer, "name"u8);
            writer.WritePropertyName("args"u8);
            writer.WriteRawValue(ArgumentsOf(call), skipInputValidation: true);
            writer.WriteEndObject();
            if (!call.ThoughtSignature.IsNull)
                call.ThoughtSignature.WriteTo(writer, "thoughtSignature"u8);
            writer.WriteEndObject();
        }

        // The same rules as in a stream, so that both tell the same.
        private ReadOnlySpan<byte> ArgumentsOf(ToolCallBlock call)
        {
            if (call.Kind == ToolKind.Custom)
            {
                losses.Add(GeminiLosses.AnswerCustomCall);
                return ArgumentsOfCustom(call.Arguments);
            }

            if (ToolArguments.TryAsObject(call.Arguments, out var json))
                return json.Span;
            losses.Add(GeminiLosses.AnswerArguments);
            return ArgumentsGate.Repair(call.Arguments.Span);
        }

        private void WriteMedia(MediaBlock media)
        {
            _hasParts = true;
            var isInline = !media.Data.IsEmpty;
            writer.WriteStartObject();
            writer.WriteStartObject(isInline ? "inlineData"u8 : "fileData"u8);
            if (media.MediaType.Length > 0)
                writer.WriteString("mimeType"u8, media.MediaType);
            if (isInline)
                media.Data.WriteTo(writer, "data"u8);
            else
                (media.Url.IsNull ? new JsonText("") : media.Url).WriteTo(writer, "fileUri"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        private void Cite(RawJson citations)
        {
            if (citations.IsNull)
                return;
            var reader = new Utf8JsonReader(citations.Utf8.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                return;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var citation = GeminiChunk.Value(ref reader).Of(citations.Utf8.Span);
                if (GeminiCitations.TryRead(citation, out var kind, out var metadata))
                {
                    _citations[kind] = metadata.Of(citation).ToArray();
                    continue;
                }

                losses.Add(GeminiLosses.AnswerCitations);
                _sources.Add(citation);
            }
        }
    }
}
