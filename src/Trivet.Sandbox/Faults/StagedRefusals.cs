using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Faults;

/// <summary>The errors that faults stage, worded as vendors word them. Types and codes that differ by protocol are chosen where the error is rendered.</summary>
internal static class StagedRefusals
{
    public static Refusal ForStatus(Fault fault, string model)
    {
        var status = int.Parse(fault.Name);
        (string Message, string? Code, string? Type) staged = status switch
        {
            400 => ("The request could not be processed: the sandbox was told to reject it.", null, null),
            401 => ("Incorrect API key provided: sandbox-****. The sandbox was told to reject it.", "invalid_api_key", null),
            402 => ("Insufficient Balance", "insufficient_balance", null),
            403 => ("The sandbox was told that this account may not use this model.", "unsupported_country_region_territory", null),
            404 => ($"The model `{model}` does not exist or you do not have access to it.", "model_not_found", null),
            413 => ("Request exceeds the maximum size", null, null),
            429 when fault.Get("quota") is not null => ("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"),
            429 => ($"Rate limit reached for {model} in organization org-sandbox on requests per min (RPM). Please try again later.", "rate_limit_exceeded", null),
            500 => ("The server had an error while processing your request. Sorry about that!", null, null),
            502 => ("Bad gateway.", null, null),
            503 => ("The server is overloaded or not ready yet.", null, null),
            504 => ("The request timed out.", null, null),
            529 => ("Overloaded", null, null),
            _ => ($"The sandbox was told to answer {status}.", null, null),
        };
        return new Refusal(status, fault.Get("message") ?? staged.Message, code: fault.Get("code") ?? staged.Code, type: staged.Type)
        {
            RetryAfter = fault.Get("retry-after"),
            RetryAfterMs = fault.Get("retry-after-ms"),
            Fault = fault.Name,
        };
    }

    public static Refusal ContentFilter() => new(400, "The response was filtered due to the prompt triggering the content management policy.", "prompt", "content_filter")
    {
        Fault = "content-filter",
        DetailsJson = """{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"violence":{"filtered":true,"severity":"high"}}}""",
    };

    public static Refusal ContextLength(int inputTokens, int tokensMax) => new(
        400, $"This model's maximum context length is {tokensMax} tokens. However, your messages resulted in {inputTokens} tokens. Please reduce the length of the messages.",
        "messages", "context_length_exceeded")
    {
        Fault = "context-length",
        DetailsJson = $$"""{"input_tokens":{{inputTokens}},"tokens_max":{{tokensMax}}}""",
    };

    public static Refusal Overloaded() => new(529, "Overloaded", type: null) { Fault = "error" };

    public static Refusal Prefill() => new(
        400, "This model does not support assistant message prefill. The conversation must end with a user message.", "messages")
    {
        Fault = "rejects-prefill",
    };
}
