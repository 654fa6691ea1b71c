using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Writes a canonical request as a Responses request that the dialect's vendor takes. What cannot be said is dropped, changed or moved as
/// <see cref="OpenAIResponsesLosses"/> tells, and reported; the request is always legal. Never throws.
/// <para>
/// The conversation stays with the client: <c>store: false</c> is said unless the client asked for storing, and thoughts are asked for encrypted, so that
/// they can be sent back.
/// </para>
/// </summary>
public static class OpenAIResponsesRequestWriter
{
    /// <summary>Writes the request for the upstream's <paramref name="model"/>.</summary>
    public static void Write(CanonicalRequest request, OpenAIResponsesDialect dialect, string model, IBufferWriter<byte> output, LossList losses)
    {
        var writer = JsonWriters.Rent(output);
        new Pass(writer, request, dialect, losses).Run(model);
        JsonWriters.Return(writer);
    }

    private readonly struct Pass(Utf8JsonWriter writer, CanonicalRequest request, OpenAIResponsesDialect dialect, LossList losses)
    {
        private bool IsOwn => request.Origin == Protocol.OpenAIResponses;

        public void Run(string model)
        {
            var names = new OpenAIResponsesToolNames(request, dialect);
            writer.WriteStartObject();
            writer.WriteString("model"u8, model);
            var first = Instructions();
            new OpenAIResponsesInputWriter(writer, request, dialect, names, losses).Write(first);
            Limits();
            Sampling();
            OpenAIResponsesReasoningWriter.WriteSwitch(writer, request, dialect, losses);
            new OpenAIResponsesToolWriter(writer, request, dialect, names, losses).Write();
            Text();
            Keeping();
            Labels();
            Extras();
            if (request.Stream)
                writer.WriteBoolean("stream"u8, true);
            writer.WriteEndObject();
        }

        private bool Takes(string field)
        {
            if (!dialect.Unsupported.Contains(field))
                return true;
            losses.Add(OpenAIResponsesLosses.Unsupported(field));
            return false;
        }

        // The first system turn becomes "instructions" where it is text and something is said behind it. Later ones, and the developer's, keep their place. Returns how many turns were taken.
        private int Instructions()
        {
            var form = FormInWords();
            var turns = request.Turns;
            var isTaken = turns.Count > 1 && turns[0].Role == Role.System && turns[0].Blocks.Count > 0 && turns[0].Extra.Count == 0
                && turns[0].Blocks.TrueForAll(static block => block is TextBlock { Extra: null });
            if (!isTaken && form is null)
                return 0;
            if (isTaken && form is null && turns[0].Blocks is [TextBlock only])
            {
                only.Text.WriteTo(writer, "instructions"u8);
            }
            else
            {
                var texts = isTaken ? turns[0].Blocks.Select(static block => ((TextBlock)block).Text.ToString()).Where(static text => text.Length > 0) : [];
                writer.WriteString("instructions"u8, string.Join("\n\n", form is null ? texts : texts.Append(form)));
            }

            if (isTaken && turns[0].Blocks.Exists(static block => !block.CacheControl.IsAbsent))
                losses.Add(OpenAIResponsesLosses.CacheControl);
            return isTaken ? 1 : 0;
        }

        // A form that the vendor does not enforce is told in words: models mostly keep to it, and the loss says that nothing enforces it.
        private string? FormInWords()
        {
            var kind = request.OutputFormat?.Kind;
            if (kind == OutputFormatKind.JsonSchema && dialect.StructuredOutput != ResponsesStructuredOutput.JsonSchema)
            {
                losses.Add(OpenAIResponsesLosses.JsonSchema);
                return "Answer with nothing but a JSON value that fits this JSON schema:\n" + (request.OutputFormat!.Schema.IsAbsent ? "{}" : request.OutputFormat.Schema.ToString());
            }

            if (kind != OutputFormatKind.JsonObject || dialect.StructuredOutput != ResponsesStructuredOutput.None)
                return null;
            losses.Add(OpenAIResponsesLosses.JsonObject);
            return "Answer with nothing but a JSON object.";
        }

        private void Limits()
        {
            if (request.StopSequences.Count > 0)
                losses.Add(OpenAIResponsesLosses.StopSequences);
            if (request.MaxOutputTokens is not { } max || !Takes("max_output_tokens"))
                return;
            var taken = Math.Max(Math.Min(max, dialect.MaxOutputTokensLimit ?? long.MaxValue), dialect.MinOutputTokens);
            if (taken != max)
                losses.Add(OpenAIResponsesLosses.MaxTokens);
            writer.WriteNumber("max_output_tokens"u8, taken);
        }

        private void Sampling()
        {
            var sampling = request.Sampling;
            if (sampling.Temperature is { } temperature && Takes("temperature"))
            {
                if (temperature > dialect.TemperatureMax)
                    losses.Add(OpenAIResponsesLosses.Temperature);
                writer.WriteNumber("temperature"u8, Math.Min(temperature, dialect.TemperatureMax));
            }

            if (sampling.TopP is { } topP && Takes("top_p"))
                writer.WriteNumber("top_p"u8, topP);
            if ((sampling.TopLogProbs ?? (sampling.LogProbs == true ? 0 : null)) is { } alternatives && Takes("top_logprobs"))
                writer.WriteNumber("top_logprobs"u8, Math.Clamp(alternatives, 0, 20));
            Report(sampling.TopK is not null, OpenAIResponsesLosses.TopK);
            Report(sampling.FrequencyPenalty is not (null or 0), OpenAIResponsesLosses.FrequencyPenalty);
            Report(sampling.PresencePenalty is not (null or 0), OpenAIResponsesLosses.PresencePenalty);
            Report(sampling.Seed is not null, OpenAIResponsesLosses.Seed);
            Report(sampling.CandidateCount > 1, OpenAIResponsesLosses.Candidates);
            Report(!sampling.LogitBias.IsAbsent, OpenAIResponsesLosses.LogitBias);
        }

        private void Report(bool isLost, LossRule rule)
        {
            if (isLost)
                losses.Add(rule);
        }

        private void Text()
        {
            var format = dialect.StructuredOutput == ResponsesStructuredOutput.None ? null : request.OutputFormat;
            var hasVerbosity = !request.Verbosity.IsNull && Takes("text.verbosity");
            if (format is null && !hasVerbosity)
                return;
            writer.WriteStartObject("text"u8);
            if (format is not null)
                Format(format);
            if (hasVerbosity)
                request.Verbosity.WriteTo(writer, "verbosity"u8);
            writer.WriteEndObject();
        }

        private void Format(OutputFormat format)
        {
            var isSchema = format.Kind == OutputFormatKind.JsonSchema && dialect.StructuredOutput == ResponsesStructuredOutput.JsonSchema;
            writer.WriteStartObject("format"u8);
            writer.WriteString("type"u8, isSchema ? "json_schema"u8 : format.Kind == OutputFormatKind.Text ? "text"u8 : "json_object"u8);
            if (isSchema)
            {
                writer.WriteString("name"u8, OpenAIResponsesIds.FormatName(format.Name));
                if (!format.Description.IsNull)
                    format.Description.WriteTo(writer, "description"u8);
                writer.WritePropertyName("schema"u8);
                if (format.Schema.IsAbsent)
                    writer.WriteRawValue("{}"u8, skipInputValidation: true);
                else
                    format.Schema.WriteTo(writer);
                if (format.Strict is { } strict)
                    writer.WriteBoolean("strict"u8, strict);
            }

            writer.WriteEndObject();
        }

        // Nothing is stored unless the client asked for it, and thoughts come so that the client can carry them.
        private void Keeping()
        {
            if (dialect.Store && !(IsOwn && request.Extra.Exists(static extra => extra.Name == "store")))
                writer.WriteBoolean("store"u8, false);
            var others = IsOwn ? request.Extra.Find(static extra => extra.Name == "include").Value : default;
            if (dialect.Unsupported.Contains("include"))
                return;
            var wantsLogProbs = request.Sampling.LogProbs == true && Takes("top_logprobs");
            if (others.IsAbsent && !dialect.EncryptedContent && !wantsLogProbs)
                return;
            writer.WriteStartArray("include"u8);
            if (dialect.EncryptedContent)
                writer.WriteStringValue("reasoning.encrypted_content"u8);
            if (wantsLogProbs)
                writer.WriteStringValue("message.output_text.logprobs"u8);
            Others(others);
            writer.WriteEndArray();
        }

        private void Others(RawJson include)
        {
            if (include.IsAbsent)
                return;
            var reader = new Utf8JsonReader(include.Utf8.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.String && !reader.TextIs("reasoning.encrypted_content"u8) && !reader.TextIs("message.output_text.logprobs"u8))
                    JsonTokens.ReadText(ref reader, include.Utf8).WriteTo(writer);
                reader.Skip();
            }
        }

        private void Labels()
        {
            if (!request.User.IsNull && Takes("user"))
            {
                var user = request.User.ToString();
                var legal = OpenAIResponsesIds.User(user);
                Report(legal.Length != user.Length, OpenAIResponsesLosses.User);
                writer.WriteString("user"u8, legal);
            }

            if (!request.SafetyIdentifier.IsNull && Takes("safety_identifier"))
                request.SafetyIdentifier.WriteTo(writer, "safety_identifier"u8);
            if (!request.Metadata.IsAbsent && Takes("metadata"))
                request.Metadata.WriteTo(writer, "metadata"u8);
            if (!request.PromptCacheKey.IsNull && Takes("prompt_cache_key"))
                request.PromptCacheKey.WriteTo(writer, "prompt_cache_key"u8);
            Report(!request.CacheControl.IsAbsent, OpenAIResponsesLosses.CacheControl);
            if (request.ServiceTier.IsNull || !Takes("service_tier"))
                return;
            if (request.Origin is Protocol.OpenAIChat or Protocol.OpenAIResponses)
                request.ServiceTier.WriteTo(writer, "service_tier"u8);
            else
                Report(!request.ServiceTier.ValueEquals("auto"u8), OpenAIResponsesLosses.ServiceTier);
        }

        private void Extras()
        {
            foreach (var (name, value) in request.Extra)
            {
                if (!IsOwn && !(request.Origin == Protocol.OpenAIChat && name == "prompt_cache_retention")) // means the same in Chat
                    losses.AddUnknown("", new ExtraField(name, value), Protocol.OpenAIResponses);
                else if (name is not ("include" or "reasoning") && (name != "store" || dialect.Store) && Takes(name))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }
        }
    }
}
