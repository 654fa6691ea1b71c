using Trivet.Core.Yaml;

namespace Trivet.Core.Upstreams.Quirks;

/// <summary>The keys of quirks in profile files, each named as the property of <see cref="ProtocolQuirks"/> that it sets.</summary>
internal static class QuirkShape
{
    public static ObjectShape<ProtocolQuirks> Keys() => ResponseKeys(RequestKeys(new ObjectShape<ProtocolQuirks>(() => ProtocolQuirks.Standard)));

    private static ObjectShape<ProtocolQuirks> RequestKeys(ObjectShape<ProtocolQuirks> keys)
    {
        var texts = new ListShape<string>(Shapes.Text);
        var choices = Shapes.Flags<ToolChoices>(list => list.Aggregate(ToolChoices.None, (a, b) => a | b));
        return keys
            .Key("reasoning_carriers", "", Shapes.Flags<ReasoningCarriers>(list => list.Aggregate(ReasoningCarriers.None, (a, b) => a | b)), (quirks, value) => quirks with { ReasoningCarriers = value })
            .Key("reasoning_in_history", "", Shapes.Word<ReasoningInHistory>(), (quirks, value) => quirks with { ReasoningInHistory = value })
            .Key("thinking", "", ThinkingKeys(), quirks => quirks.Thinking, (quirks, value) => quirks with { Thinking = value })
            .Key("max_tokens_field", "", Shapes.Word<MaxTokensField>(), (quirks, value) => quirks with { MaxTokensField = value })
            .Key("max_output_tokens", "", Shapes.Int(1, 10_000_000), (quirks, value) => quirks with { MaxOutputTokens = value })
            .Key("stream_usage", "", Shapes.Word<StreamUsage>(), (quirks, value) => quirks with { StreamUsage = value })
            .Key("system_role", "", Shapes.Word<SystemRole>(), (quirks, value) => quirks with { SystemRole = value })
            .Key("mid_conversation_system", "", Shapes.Bool, (quirks, value) => quirks with { MidConversationSystem = value })
            .Key("encrypted_reasoning", "", Shapes.Word<Support>(), (quirks, value) => quirks with { EncryptedReasoning = value })
            .Key("tool_types", "", Shapes.Flags<ToolTypes>(list => list.Aggregate(ToolTypes.None, (a, b) => a | b)), (quirks, value) => quirks with { ToolTypes = value })
            .Key("tool_choice_ignored", "", choices, (quirks, value) => quirks with { ToolChoiceIgnored = value })
            .Key("tool_choice_rejected", "", choices, (quirks, value) => quirks with { ToolChoiceRejected = value })
            .Key("tool_choice_rejected_while_thinking", "", choices, (quirks, value) => quirks with { ToolChoiceRejectedWhileThinking = value })
            .Key("parallel_switch", "", Shapes.Word<Support>(), (quirks, value) => quirks with { ParallelSwitch = value })
            .Key("strict_tools", "", Shapes.Word<Support>(), (quirks, value) => quirks with { StrictTools = value })
            .Key("stop_sequences", "", Shapes.Word<Support>(), (quirks, value) => quirks with { StopSequences = value })
            .Key("stop_reason_names_stop", "", Shapes.Bool, (quirks, value) => quirks with { StopReasonNamesStop = value })
            .Key("stop_sequences_max", "", Shapes.Int(1, 1000), (quirks, value) => quirks with { StopSequencesMax = value })
            .Key("structured_output", "", Shapes.Word<StructuredOutput>(), (quirks, value) => quirks with { StructuredOutput = value })
            .Key("temperature_min", "", Shapes.Decimal(3), (quirks, value) => quirks with { TemperatureMin = value / 1000m })
            .Key("temperature_max", "", Shapes.Decimal(3), (quirks, value) => quirks with { TemperatureMax = value / 1000m })
            .Key("sampling", "", Shapes.Word<Support>(), (quirks, value) => quirks with { Sampling = value })
            .Key("images", "", Shapes.Word<ImageSupport>(), (quirks, value) => quirks with { Images = value })
            .Key("tool_result_images", "", Shapes.Word<Support>(), (quirks, value) => quirks with { ToolResultImages = value })
            .Key("documents", "", Shapes.Word<Support>(), (quirks, value) => quirks with { Documents = value })
            .Key("cache_control", "", Shapes.Word<CacheControl>(), (quirks, value) => quirks with { CacheControl = value })
            .Key("is_error_ignored", "", Shapes.Bool, (quirks, value) => quirks with { IsErrorIgnored = value })
            .Key("assistant_prefill", "", Shapes.Bool, (quirks, value) => quirks with { AssistantPrefill = value })
            .Key("continues", "", Shapes.Word<PrefillForm>(), (quirks, value) => quirks with { Continues = value })
            .Key("tool_id_pattern", "", Shapes.Text, (quirks, value) => quirks with { ToolIdPattern = value })
            .Key("fields_ignored", "", texts, (quirks, value) => quirks with { FieldsIgnored = value })
            .Key("fields_rejected", "", texts, (quirks, value) => quirks with { FieldsRejected = value })
            .Key("headers_dropped", "", texts, (quirks, value) => quirks with { HeadersDropped = value })
            .Key("blocks_rejected", "", texts, (quirks, value) => quirks with { BlocksRejected = value });
    }

    private static ObjectShape<ProtocolQuirks> ResponseKeys(ObjectShape<ProtocolQuirks> keys) => keys
        .Key("message_start_usage_zero", "", Shapes.Bool, (quirks, value) => quirks with { MessageStartUsageZero = value })
        .Key("usage_repeats", "", Shapes.Bool, (quirks, value) => quirks with { UsageRepeats = value })
        .Key("keep_alive_comments", "", Shapes.Bool, (quirks, value) => quirks with { KeepAliveComments = value })
        .Key("errors_in_ok", "", Shapes.Bool, (quirks, value) => quirks with { ErrorsInOk = value })
        .Key("completions_path", "", Shapes.Text, (quirks, value) => quirks with { CompletionsPath = value })
        .Key("embeddings_path", "", Shapes.Text, (quirks, value) => quirks with { EmbeddingsPath = value })
        .Key("count_tokens", "", Shapes.Bool, (quirks, value) => quirks with { CountTokens = value })
        .Key("model_list", "", Shapes.Bool, (quirks, value) => quirks with { ModelList = value });

    private static ObjectShape<ThinkingQuirks> ThinkingKeys() => new ObjectShape<ThinkingQuirks>(() => new ThinkingQuirks())
        .Key("switch", "", Shapes.Word<ThinkingSwitch>(), (quirks, value) => quirks with { Switch = value })
        .Key("can_disable", "", Shapes.Bool, (quirks, value) => quirks with { CanDisable = value })
        .Key("on_by_default", "", Shapes.Bool, (quirks, value) => quirks with { OnByDefault = value })
        .Key("budget", "", Shapes.Word<Support>(), (quirks, value) => quirks with { Budget = value })
        .Key("budget_min", "", Shapes.Int(0, 10_000_000), (quirks, value) => quirks with { BudgetMin = value })
        .Key("budget_max", "", Shapes.Int(0, 10_000_000), (quirks, value) => quirks with { BudgetMax = value })
        .Key("adaptive", "", Shapes.Word<Support>(), (quirks, value) => quirks with { Adaptive = value })
        .Key("effort_levels", "", new ListShape<string>(Shapes.Text), (quirks, value) => quirks with { EffortLevels = value })
        .Key("blocks_must_return", "", Shapes.Bool, (quirks, value) => quirks with { BlocksMustReturn = value })
        .Key("signature_always_empty", "", Shapes.Bool, (quirks, value) => quirks with { SignatureAlwaysEmpty = value });
}
