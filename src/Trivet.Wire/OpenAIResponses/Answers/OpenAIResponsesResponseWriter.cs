using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// Writes a whole answer as Responses does: the items that a stream of the same answer would end with. Texts that follow each other are parts of one
/// message; thoughts are a summary.
/// </summary>
public static class OpenAIResponsesResponseWriter
{
    /// <summary>Writes the answer; what cannot be said goes to <paramref name="losses"/>. Never throws.</summary>
    public static void Write(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses)
    {
        var isNative = response.Origin == Protocol.OpenAIResponses;
        var items = new ItemList(options, response.Origin, losses) { OfChoice = LogProbabilities.OfChoice(response) };
        var isCutOff = response.StopReason.CutsOff();
        foreach (var block in response.Blocks)
            items.Add(block, isCutOff && block == response.Blocks[^1]);
        items.CloseMessage(isCutOff);
        OpenAIResponsesStopReasons.Note(response.StopReason, !response.StopSequence.IsNull, losses);
        if (response.MoreChoices is { Count: > 0 })
            losses.Add(OpenAIResponsesLosses.AnswerChoices);
        var answer = new OpenAIResponsesEnvelope(options);
        answer.Begin(new StreamStart(response.Id, response.Model, response.CreatedAt), isNative);
        if (isNative)
            answer.Override([.. response.Echo, .. response.Extra]);
        else
            NoteExtra(response, losses);
        var writer = JsonWriters.Rent(output);
        answer.WriteEnd(writer, response.StopReason, items.Written, response.Usage, isNative ? response.ServiceTier : default);
        JsonWriters.Return(writer);
    }

    private static void NoteExtra(CanonicalResponse response, LossList losses)
    {
        foreach (var field in response.Extra)
            losses.AddUnknown("", field, Protocol.OpenAIResponses);
    }

    private sealed class ItemList(ResponseWriterOptions options, Protocol origin, LossList losses)
    {
        private readonly ArrayBufferWriter<byte> _items = new(1024);
        private readonly ArrayBufferWriter<byte> _parts = new();
        private readonly UsedIds _callIds = new();
        private int _count;
        private int _calls;
        private byte[] _phase = [];

        public ReadOnlySpan<byte> Written => _items.WrittenSpan;

        /// <summary>Log probabilities of a Chat answer, which go to its first text.</summary>
        public RawJson OfChoice { get; set; }

        public void Add(Block block, bool isCutOff)
        {
            switch (block)
            {
                case TextBlock text when !text.Text.IsEmpty || !text.Citations.IsNull:
                    BeginPhase(text);
                    OpenAIResponsesItems.TextPart(NextPart(), (text.Text.IsNull ? "" : text.Text).ToToken().Span, Annotations(text.Citations), LogProbs(text));
                    break;
                case RefusalBlock refusal when !refusal.Text.IsEmpty:
                    OpenAIResponsesItems.RefusalPart(NextPart(), refusal.Text.ToToken().Span);
                    break;
                case ReasoningBlock reasoning:
                    AddReasoning(reasoning);
                    break;
                case ToolCallBlock call:
                    AddCall(call, isCutOff && call.Kind != ToolKind.Custom && (call.Arguments.IsEmpty || !ToolArguments.TryAsObject(call.Arguments, out _)));
                    break;
                case OpaqueBlock { Origin: Protocol.OpenAIResponses } opaque:
                    NextItem("item").Item1.Write(opaque.Raw.Utf8.Span);
                    break;
                case OpaqueBlock opaque when DrawnPicture.Of(opaque.Origin, opaque.Type, opaque.Raw) is { Data.IsEmpty: false } picture:
                    var (output, id) = NextItem("ig");
                    OpenAIResponsesItems.Picture(output, id, picture.Data.ToToken().Span);
                    break;
                case OpaqueBlock opaque:
                    losses.AddUnknown("content." + opaque.Type, Protocol.OpenAIResponses);
                    break;
                case MediaBlock:
                    losses.Add(OpenAIResponsesLosses.AnswerMedia);
                    break;
            }
        }

        public void CloseMessage(bool isCutOff = false)
        {
            if (_parts.WrittenCount == 0)
                return;
            var parts = _parts.WrittenSpan.ToArray();
            _parts.ResetWrittenCount();
            var (output, id) = NextItem("msg");
            OpenAIResponsesItems.Message(output, id, isCutOff ? "incomplete"u8 : "completed"u8, parts, _phase);
            _phase = [];
        }

        private void BeginPhase(TextBlock text)
        {
            if (ResponsePlayer.PhaseOf(text) is not { IsEmpty: false } phase)
                return;
            CloseMessage();
            _phase = phase.ToToken().ToArray();
        }

        private IBufferWriter<byte> NextPart()
        {
            if (_parts.WrittenCount > 0)
                _parts.Write(","u8);
            return _parts;
        }

        private (IBufferWriter<byte>, byte[]) NextItem(string prefix)
        {
            CloseMessage();
            if (_items.WrittenCount > 0)
                _items.Write(","u8);
            return (_items, OpenAIResponsesItems.MakeId(prefix, options.FallbackId, _count++));
        }

        // As in a stream: thoughts without a word and without ciphertext of a Responses vendor have nothing to show.
        private void AddReasoning(ReasoningBlock reasoning)
        {
            var isNative = !reasoning.Encrypted.IsEmpty && (origin == Protocol.OpenAIResponses || ForeignSignature.IsForeign(reasoning.Encrypted));
            if (!isNative && !reasoning.Encrypted.IsEmpty)
                losses.Add(OpenAIResponsesLosses.AnswerEncrypted);
            var text = reasoning.IsRedacted || reasoning.Text.IsEmpty ? default : reasoning.Text.ToToken().Span;
            if (text.IsEmpty && !isNative)
                return;
            var (output, id) = NextItem("rs");
            OpenAIResponsesItems.Reasoning(
                output,
                isNative && !reasoning.Id.IsEmpty ? reasoning.Id.ToToken().Span : id,
                text,
                isNative ? reasoning.Encrypted.ToToken().Span
                    : options.ReasoningOrigin.Length > 0 ? new JsonText(ForeignSignature.Make(options.ReasoningOrigin)).ToToken().Span
                    : default);
        }

        private void AddCall(ToolCallBlock call, bool isCutOff)
        {
            var isCustom = call.Kind == ToolKind.Custom;
            var (output, id) = NextItem(isCustom ? "ctc" : "fc");
            var head = new OpenAIResponsesItems.CallHead
            {
                CallId = new JsonText(_callIds.Take(call.Id.IsEmpty ? OpenAIChatIds.MakeCallId(options.FallbackId, options.CreatedAt, _calls) : call.Id.ToString())).ToToken().Span,
                Name = (call.Name.IsEmpty ? "unnamed" : call.Name).ToToken().Span,
                Namespace = call.Namespace.ToToken().Span,
                IsCustom = isCustom,
                IsCutOff = isCutOff,
            };
            _calls++;
            var token = new ArrayBufferWriter<byte>(call.Arguments.Length + 16);
            JsonTokens.Quote(call.Arguments.IsEmpty && !isCustom && !isCutOff ? "{}"u8 : call.Arguments.Span, token);
            OpenAIResponsesItems.Call(output, id, head, isDone: true, token.WrittenSpan);
        }

        private ReadOnlySpan<byte> LogProbs(TextBlock text)
        {
            var own = LogProbabilities.With(text) is { IsAbsent: false } with ? with : OfChoice;
            OfChoice = default;
            var elements = new ArrayBufferWriter<byte>();
            LogProbabilities.Join(own.Utf8.Span, elements);
            return elements.WrittenSpan;
        }

        private ReadOnlySpan<byte> Annotations(RawJson array)
        {
            if (array.IsNull || array.Utf8.Span[0] != (byte)'[')
                return default;
            var joined = new ArrayBufferWriter<byte>();
            var reader = new System.Text.Json.Utf8JsonReader(array.Utf8.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType != System.Text.Json.JsonTokenType.EndArray)
            {
                var citation = JsonTokens.ReadRaw(ref reader, array.Utf8).Utf8.Span;
                if (OpenAIResponsesAnnotations.TryRead(citation, out var annotation))
                {
                    Separate(joined);
                    joined.Write(annotation);
                    continue;
                }

                var pages = WebCitation.Read(citation);
                if (pages.Count == 0)
                    losses.Add(OpenAIResponsesLosses.AnswerCitations);
                foreach (var page in pages)
                {
                    Separate(joined);
                    page.WriteResponses(joined);
                }
            }

            return joined.WrittenSpan;
        }

        private static void Separate(ArrayBufferWriter<byte> joined)
        {
            if (joined.WrittenCount > 0)
                joined.Write(","u8);
        }
    }
}
