using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>
/// Writes a canonical request as a Chat request that the dialect's vendor takes. What cannot be said is dropped, changed or moved as
/// <see cref="OpenAIChatLosses"/> tells, and reported; the request is always legal. Never throws.
/// </summary>
public static class OpenAIChatRequestWriter
{
    /// <summary>Writes the request for the upstream's <paramref name="model"/>.</summary>
    public static void Write(CanonicalRequest request, OpenAIChatDialect dialect, string model, IBufferWriter<byte> output, LossList losses)
    {
        var writer = JsonWriters.Rent(output);
        new Pass(writer, request, dialect, losses).Run(model);
        JsonWriters.Return(writer);
    }

    private readonly struct Pass(Utf8JsonWriter writer, CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        private bool IsOwn => request.Origin == Protocol.OpenAIChat;

        public void Run(string model)
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, model);
            MessageWriter.Write(writer, request, dialect, Instruction(), losses);
            Limits();
            Sampling();
            OpenAIChatReasoningSwitch.Write(writer, request, dialect, losses);
            Tools();
            OutputFormat();
            Stream();
            Labels();
            Extras();
            writer.WriteEndObject();
        }

        private bool Takes(string field)
        {
            if (!dialect.Unsupported.Contains(field))
                return true;
            losses.Add(OpenAIChatLosses.Unsupported(field));
            return false;
        }

        private void Limits()
        {
            var isBound = request.MaxOutputTokens is > 0 || IsOwn; // none at all is refused; Gemini calls that no bound
            if (!isBound && request.MaxOutputTokens is not null && request.Origin != Protocol.Gemini)
                losses.Add(OpenAIChatLosses.MaxTokens);
            if (isBound && request.MaxOutputTokens is { } max)
                writer.WriteNumber(dialect.MaxTokensField == MaxTokensField.MaxTokens ? "max_tokens"u8 : "max_completion_tokens"u8, max);
            var stop = request.StopSequences;
            if (stop.Count == 0)
                return;
            if (stop.Count > dialect.StopSequencesMax)
                losses.Add(OpenAIChatLosses.StopSequences);
            if (dialect.StopSequencesMax == 0)
                return;
            writer.WriteStartArray("stop"u8);
            for (var i = 0; i < Math.Min(stop.Count, dialect.StopSequencesMax); i++)
                stop[i].WriteTo(writer);
            writer.WriteEndArray();
        }

        private void Sampling()
        {
            var sampling = request.Sampling;
            if (sampling.Temperature is { } temperature && Takes("temperature"))
            {
                var taken = Math.Max(Math.Min(temperature, dialect.TemperatureMax), dialect.TemperatureMin);
                if (taken != temperature)
                    losses.Add(OpenAIChatLosses.Temperature);
                writer.WriteNumber("temperature"u8, taken);
            }

            if (sampling.TopP is { } topP && Takes("top_p"))
                writer.WriteNumber("top_p"u8, topP);
            if (sampling.TopK is { } topK)
            {
                if (dialect.TopK || IsOwn)
                    writer.WriteNumber("top_k"u8, topK);
                else
                    losses.Add(OpenAIChatLosses.TopK);
            }

            if (sampling.FrequencyPenalty is { } frequency && Takes("frequency_penalty"))
                writer.WriteNumber("frequency_penalty"u8, frequency);
            if (sampling.PresencePenalty is { } presence && Takes("presence_penalty"))
                writer.WriteNumber("presence_penalty"u8, presence);
            if (sampling.Seed is { } seed && Takes("seed"))
                writer.WriteNumber("seed"u8, seed);
            if (sampling.CandidateCount is { } count && Takes("n"))
                writer.WriteNumber("n"u8, count);
            LogProbs(sampling);
            if (!sampling.LogitBias.IsAbsent && Takes("logit_bias"))
                sampling.LogitBias.WriteTo(writer, "logit_bias"u8);
        }

        // Chat takes alternatives only beside the switch; in the other protocols they ask by themselves, or mean nothing.
        private void LogProbs(in Sampling sampling)
        {
            var isAsked = sampling.LogProbs ?? (IsOwn ? null : sampling.TopLogProbs is > 0 ? true : null);
            if (isAsked is { } logProbs && Takes("logprobs"))
                writer.WriteBoolean("logprobs"u8, logProbs);
            if (sampling.TopLogProbs is { } topLogProbs && (IsOwn || isAsked == true) && Takes("top_logprobs"))
                writer.WriteNumber("top_logprobs"u8, topLogProbs);
        }

        private void Tools()
        {
            if (request.ToolChoice is { Mode: ToolChoiceMode.None } && !dialect.ToolChoiceNone && request.Tools.Count > 0)
            {
                losses.Add(OpenAIChatLosses.NoTools);
                return;
            }

            var allowed = request.ToolChoice is { Mode: ToolChoiceMode.Allowed } choice && !KeepsAllowed(choice) ? choice : null;
            if (ToolWriter.Write(writer, request, allowed, dialect, losses) == 0)
                return; // a choice among no tools is refused
            if (request.ToolChoice is { } chosen)
                Choice(chosen);
            if (request.ParallelToolCalls is not { } parallel)
                return;
            if (dialect.ParallelToolCalls)
                writer.WriteBoolean("parallel_tool_calls"u8, parallel);
            else if (!parallel)
                losses.Add(OpenAIChatLosses.ParallelToolCalls);
        }

        private void Choice(ToolChoice choice)
        {
            switch (choice.Mode)
            {
                case ToolChoiceMode.None:
                    writer.WriteString("tool_choice"u8, "none"u8);
                    break;
                case ToolChoiceMode.Any when dialect.ToolChoiceRequired:
                    writer.WriteString("tool_choice"u8, "required"u8);
                    break;
                case ToolChoiceMode.Named when dialect.ToolChoiceNamed:
                    Named(choice);
                    break;
                case ToolChoiceMode.Allowed when KeepsAllowed(choice):
                    Allowed(choice);
                    break;
                case ToolChoiceMode.Allowed:
                    losses.Add(OpenAIChatLosses.AllowedTools);
                    writer.WriteString("tool_choice"u8, choice.Required && dialect.ToolChoiceRequired ? "required"u8 : "auto"u8);
                    break;
                default:
                    if (choice.Mode is ToolChoiceMode.Any or ToolChoiceMode.Named)
                        losses.Add(OpenAIChatLosses.ToolChoice);
                    writer.WriteString("tool_choice"u8, "auto"u8);
                    break;
            }
        }

        private bool KeepsAllowed(ToolChoice choice) => dialect.AllowedTools && (IsOwn ? !choice.Raw.IsAbsent : choice.AllowedNames.Count > 0);

        private void Allowed(ToolChoice choice)
        {
            if (IsOwn)
            {
                choice.Raw.WriteTo(writer, "tool_choice"u8);
                return;
            }

            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "allowed_tools"u8);
            writer.WriteStartObject("allowed_tools"u8);
            writer.WriteString("mode"u8, choice.Required ? "required"u8 : "auto"u8);
            writer.WriteStartArray("tools"u8);
            foreach (var name in choice.AllowedNames)
            {
                writer.WriteStartObject();
                Chosen(name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        // A tool by the name and in the kind under which it is offered.
        private void Chosen(JsonText name)
        {
            var isCustom = dialect.CustomTools && request.Tools.Exists(tool => tool.Kind == ToolKind.Custom && tool.Name == name);
            writer.WriteString("type"u8, isCustom ? "custom"u8 : "function"u8);
            writer.WriteStartObject(isCustom ? "custom"u8 : "function"u8);
            (IsOwn ? name : OpenAIChatIds.ToolName(request.NamespaceOf(name), name)).WriteTo(writer, "name"u8);
            writer.WriteEndObject();
        }

        private void Named(ToolChoice choice)
        {
            if (IsOwn && dialect.CustomTools && !choice.Raw.IsAbsent)
            {
                choice.Raw.WriteTo(writer, "tool_choice"u8);
                return;
            }

            writer.WriteStartObject("tool_choice"u8);
            Chosen(choice.Name);
            writer.WriteEndObject();
        }

        // A form that the vendor does not enforce is told in words: models mostly keep to it, and the loss says that nothing enforces it.
        private string? Instruction()
        {
            if (request.OutputFormat is not { Kind: not OutputFormatKind.Text } format)
                return null;
            if (format.Kind == OutputFormatKind.JsonSchema && dialect.StructuredOutput != StructuredOutput.JsonSchema)
            {
                losses.Add(OpenAIChatLosses.JsonSchema);
                return "Answer with nothing but a JSON value that fits this JSON schema:\n" + (format.Schema.IsAbsent ? "{}" : format.Schema.ToString());
            }

            if (format.Kind != OutputFormatKind.JsonObject || dialect.StructuredOutput != StructuredOutput.None)
                return null;
            losses.Add(OpenAIChatLosses.JsonObject);
            return "Answer with nothing but a JSON object.";
        }

        private void OutputFormat()
        {
            if (request.OutputFormat is not { } format || dialect.StructuredOutput == StructuredOutput.None)
                return;
            var isSchema = format.Kind == OutputFormatKind.JsonSchema && dialect.StructuredOutput == StructuredOutput.JsonSchema;
            writer.WriteStartObject("response_format"u8);
            writer.WriteString("type"u8, isSchema ? "json_schema"u8 : format.Kind == OutputFormatKind.Text ? "text"u8 : "json_object"u8);
            if (isSchema)
            {
                writer.WriteStartObject("json_schema"u8);
                (format.Name.IsEmpty ? "response" : format.Name).WriteTo(writer, "name"u8);
                if (!format.Description.IsNull)
                    format.Description.WriteTo(writer, "description"u8);
                if (!format.Schema.IsAbsent)
                    format.Schema.WriteTo(writer, "schema"u8);
                if (format.Strict is { } strict)
                    writer.WriteBoolean("strict"u8, strict);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        // Usage is always asked for, whatever the client asked: it is metered, and the stream writer knows whether the client sees it.
        private void Stream()
        {
            if (!request.Stream)
                return;
            writer.WriteBoolean("stream"u8, true);
            if (!dialect.StreamOptions)
                return;
            writer.WriteStartObject("stream_options"u8);
            writer.WriteBoolean("include_usage"u8, true);
            writer.WriteEndObject();
        }

        // The newer word is OpenAI's; the older one every vendor of this protocol knows.
        private void Users()
        {
            var user = request.User.IsNull && !IsOwn ? request.SafetyIdentifier : request.User;
            if (!user.IsNull && Takes("user"))
                user.WriteTo(writer, "user"u8);
            if (request.SafetyIdentifier.IsNull)
                return;
            if (!IsOwn)
                losses.Add(OpenAIChatLosses.SafetyIdentifier);
            else if (Takes("safety_identifier"))
                request.SafetyIdentifier.WriteTo(writer, "safety_identifier"u8);
        }

        private void Labels()
        {
            Users();
            if (!request.Metadata.IsAbsent && Takes("metadata"))
                request.Metadata.WriteTo(writer, "metadata"u8);
            if (!request.PromptCacheKey.IsNull && Takes("prompt_cache_key"))
                request.PromptCacheKey.WriteTo(writer, "prompt_cache_key"u8);
            if (!request.Verbosity.IsNull && Takes("verbosity"))
                request.Verbosity.WriteTo(writer, "verbosity"u8);
            if (!request.CacheControl.IsAbsent)
                losses.Add(OpenAIChatLosses.CacheControl);
            if (request.ServiceTier.IsNull || !Takes("service_tier"))
                return;
            if (request.Origin is Protocol.OpenAIChat or Protocol.OpenAIResponses)
                request.ServiceTier.WriteTo(writer, "service_tier"u8);
            else if (!request.ServiceTier.ValueEquals("auto"u8))
                losses.Add(OpenAIChatLosses.ServiceTier);
        }

        private void Extras()
        {
            foreach (var (name, value) in request.Extra)
            {
                if (!IsOwn)
                    losses.AddUnknown("", new ExtraField(name, value), Protocol.OpenAIChat);
                else if (name is not ("stream_options" or "thinking" or "reasoning") && Takes(name))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }
        }
    }
}
