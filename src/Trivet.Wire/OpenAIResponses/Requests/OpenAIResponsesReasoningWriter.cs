using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Writes thoughts of earlier turns as <c>reasoning</c> items: encrypted where the vendor itself encrypted them, as text where the vendor takes text,
/// else not at all. Also says how hard to think.
/// </summary>
internal sealed class OpenAIResponsesReasoningWriter(Utf8JsonWriter writer, bool isOwn, OpenAIResponsesDialect dialect, LossList losses)
{
    private readonly List<ReasoningBlock> _pending = [];
    private int _written;

    /// <summary>Takes thoughts, which are written once something follows them: an item of thoughts that leads nowhere is refused.</summary>
    public void Add(ReasoningBlock thoughts)
    {
        var isGenuine = dialect.EncryptedContent && !thoughts.Encrypted.IsEmpty && !thoughts.OpaqueIsForeign && !ForeignSignature.IsForeign(thoughts.Encrypted);
        if (!thoughts.Signature.IsEmpty && !ForeignSignature.IsForeign(thoughts.Signature))
            losses.Add(OpenAIResponsesLosses.Signature);
        if (isGenuine || dialect.HistoryReasoning != ResponsesReasoningHistory.EncryptedOnly && !thoughts.IsRedacted && !thoughts.Text.IsNull)
            _pending.Add(thoughts);
        else if (isOwn && thoughts is { Encrypted.IsEmpty: true, Text.IsEmpty: true, Id.IsEmpty: false })
            _pending.Add(thoughts); // kept by the vendor under its id
        else if (!thoughts.SaysNothing)
            losses.Add(thoughts.IsRedacted ? OpenAIResponsesLosses.RedactedThinking : OpenAIResponsesLosses.Thinking);
    }

    /// <summary>Writes what was taken.</summary>
    public void Flush()
    {
        foreach (var thoughts in _pending)
            Item(thoughts);
        _pending.Clear();
    }

    /// <summary>The turn ends: what leads nowhere is left out, but for a client of this protocol, who knows what it does.</summary>
    public void End()
    {
        if (isOwn)
            Flush();
        if (_pending.Count > 0)
            losses.Add(OpenAIResponsesLosses.Thinking);
        _pending.Clear();
    }

    /// <summary>Writes <c>reasoning</c> at the top level of the request.</summary>
    public static void WriteSwitch(Utf8JsonWriter writer, CanonicalRequest request, OpenAIResponsesDialect dialect, LossList losses)
    {
        var own = request.Origin == Protocol.OpenAIResponses ? request.Extra.Find(static extra => extra.Name == "reasoning").Value : default;
        if (!own.IsAbsent)
        {
            own.WriteTo(writer, "reasoning"u8); // with what else the client said in it
            return;
        }

        if (request.Reasoning is not { } reasoning)
            return;
        var isOff = reasoning.Mode == ReasoningMode.Disabled || reasoning.Effort == "none" || reasoning.BudgetTokens == 0;
        var effort = Effort(reasoning, isOff, dialect, losses);
        var summary = isOff ? null : Summary(request, reasoning);
        if (summary is not null && !dialect.ReasoningSummary)
            losses.Add(OpenAIResponsesLosses.ThinkingDisplay);
        if (effort is null && (summary is null || !dialect.ReasoningSummary))
            return;
        writer.WriteStartObject("reasoning"u8);
        if (effort is not null)
            writer.WriteString("effort"u8, effort);
        if (summary is not null && dialect.ReasoningSummary)
            writer.WriteString("summary"u8, summary);
        writer.WriteEndObject();
    }

    private static string? Effort(ReasoningRequest reasoning, bool isOff, OpenAIResponsesDialect dialect, LossList losses)
    {
        var word = isOff ? "none" : reasoning.Effort;
        if (word is null && reasoning.BudgetTokens is { } budget and > 0)
        {
            losses.Add(OpenAIResponsesLosses.ThinkingBudget);
            word = budget <= 4096 ? "low" : budget <= 16384 ? "medium" : "high";
        }

        if (word is null)
            return null; // "enabled" or "adaptive" without more: what reasoning models do anyway
        var taken = OpenAIChatReasoningSwitch.Nearest(word, dialect.EffortWords);
        if (taken is null)
            losses.Add(OpenAIResponsesLosses.ThinkingMode);
        else if (taken != word)
            losses.Add(OpenAIResponsesLosses.Effort);
        return taken;
    }

    // A summary is what this vendor shows of its thoughts. It is asked for where the client asked to see some, and not otherwise: OpenAI refuses it to organisations that it has not verified.
    private static string? Summary(CanonicalRequest request, ReasoningRequest reasoning)
    {
        if (reasoning.Summary is "auto" or "concise" or "detailed")
            return reasoning.Summary;
        if (reasoning.ShowThoughts is { } isShown)
            return isShown ? "auto" : null;
        var isOmitted = reasoning.Summary is "omitted" or "none";
        return request.Origin == Protocol.AnthropicMessages && !isOmitted && reasoning.Mode is ReasoningMode.Enabled or ReasoningMode.Adaptive ? "auto" : null;
    }

    private void Item(ReasoningBlock thoughts)
    {
        var isGenuine = dialect.EncryptedContent && !thoughts.Encrypted.IsEmpty && !thoughts.OpaqueIsForeign && !ForeignSignature.IsForeign(thoughts.Encrypted);
        var isText = !isGenuine && dialect.HistoryReasoning == ResponsesReasoningHistory.Text && !thoughts.Text.IsNull;
        writer.WriteStartObject();
        writer.WriteString("type"u8, "reasoning"u8);
        if (!isGenuine && !thoughts.Id.IsEmpty && isOwn)
            thoughts.Id.WriteTo(writer, "id"u8);
        else if (!isGenuine)
            writer.WriteString("id"u8, OpenAIResponsesIds.Reasoning(thoughts.Text, _written));
        _written++;
        writer.WriteStartArray("summary"u8);
        if (!isText && !thoughts.Text.IsEmpty)
            Text("summary_text"u8, thoughts.Text);
        writer.WriteEndArray();
        if (isText)
        {
            writer.WriteStartArray("content"u8);
            Text("reasoning_text"u8, thoughts.Text);
            writer.WriteEndArray();
        }

        if (isGenuine)
            thoughts.Encrypted.WriteTo(writer, "encrypted_content"u8);
        writer.WriteEndObject();
    }

    private void Text(ReadOnlySpan<byte> type, JsonText text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        text.WriteTo(writer, "text"u8);
        writer.WriteEndObject();
    }
}
