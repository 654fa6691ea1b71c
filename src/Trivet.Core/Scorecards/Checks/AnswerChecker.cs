using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Scorecards.Checks;

/// <summary>Judges a whole answer by its question. What it finds is there for certain, or nearly; what it does not find may be.</summary>
internal static class AnswerChecker
{
    private const int TextCharsMax = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>All that is found, the free checks' kinds with it as far as the answer itself shows them.</summary>
    public static CheckFindings Judge(AnswerQuestion question, CanonicalResponse response)
    {
        var findings = new CheckFindings(0, IsWhole: true);
        var text = TextOf(response);
        var isDone = response.StopReason is StopReason.EndTurn or StopReason.StopSequence or StopReason.ToolCalls;
        if (isDone && IsEmpty(response))
            findings = findings.With(CheckKind.Empty);
        foreach (var call in response.Blocks.OfType<ToolCallBlock>())
            findings = Judge(question, response, call, findings);
        if (isDone && question.Schema is { } schema && !response.Blocks.Exists(static block => block is ToolCallBlock or RefusalBlock) && JsonSchemaCheck.Fault(schema, Encoding.UTF8.GetBytes(text)) is not null)
            findings = findings.With(CheckKind.SchemaUnfit);
        if (Repetition.IsDegenerate(text))
            findings = findings.With(CheckKind.Repetition);
        if (!question.NamesLanguage && Scripts.Differ(question.Prompt, text))
            findings = findings.With(CheckKind.OtherScript);
        return response.StopReason == StopReason.Refusal || response.Blocks.Exists(static block => block is RefusalBlock) || RefusalPhrases.Opens(text) ? findings.With(CheckKind.Refusal) : findings;
    }

    /// <summary>Whether an answer holds nothing for its client.</summary>
    public static bool IsEmpty(CanonicalResponse response) => response.Blocks.TrueForAll(static block => block switch
    {
        TextBlock text => text.Text.IsEmpty,
        RefusalBlock refusal => refusal.Text.IsEmpty,
        ReasoningBlock => true,
        _ => false,
    });

    // A call that was cut off with the answer is not the model's mistake, and one that the vendor runs is not the client's.
    private static CheckFindings Judge(AnswerQuestion question, CanonicalResponse response, ToolCallBlock call, CheckFindings findings)
    {
        if (call.Kind != ToolKind.Function || response.StopReason is StopReason.MaxTokens or StopReason.ContextWindow or StopReason.ContentFilter)
            return findings;
        if (!question.Offers(call.Name.ToString(), out var schema))
            return question is { HasTools: true, KnowsAllTools: true } ? findings.With(CheckKind.UnknownTool) : findings;
        var arguments = call.Arguments.IsEmpty ? "{}"u8.ToArray() : call.Arguments;
        if (!IsJson(arguments))
            return findings.With(CheckKind.ArgumentsUnreadable);
        return schema is not null && JsonSchemaCheck.Fault(schema, arguments) is not null ? findings.With(CheckKind.ArgumentsUnfit) : findings;
    }

    private static bool IsJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            JsonDocument.Parse(json, Options).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The text of an answer, up to a bound.</summary>
    public static string TextOf(CanonicalResponse response)
    {
        var text = new ArrayBufferWriter<char>(256);
        foreach (var block in response.Blocks.OfType<TextBlock>())
        {
            if (text.WrittenCount < TextCharsMax)
                text.Write(block.Text.ToString());
        }

        return text.WrittenSpan.ToString();
    }
}
