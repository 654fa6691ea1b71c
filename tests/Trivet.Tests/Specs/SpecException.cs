using System.Text.RegularExpressions;

namespace Trivet.Tests.Specs;

/// <summary>
/// Something that a specification forbids and its vendor does or takes all the same: the specification is wrong or lags. Dated, so that it can be looked
/// at again; as narrow as it can be.
/// </summary>
/// <param name="Schema">The schema that is validated.</param>
/// <param name="Fault">The fault's text, or how it begins where it ends with an ellipsis; places in arrays as <c>[]</c>.</param>
/// <param name="Why">What the vendor really does, and how that is known.</param>
internal sealed partial record SpecException(string Schema, string Fault, string Why)
{
    private const string Undeclared = ": is declared nowhere";

    private const string Thoughts = "Thoughts have no home in OpenAI's schema. DeepSeek, GLM, DashScope, xAI, Kimi and llama.cpp use this field, and agents read it (recordings, 2026-11).";

    private const string FailureCodes = "OpenAI sends this code, which the specification does not list, and Codex acts upon it: it does not try again (codex-rs, 2025-10).";

    private const string Details = "Signed and encrypted thoughts have no home in OpenAI's schema. OpenRouter, Vercel and MiniMax use this field, and clients echo it (recordings, 2026-11).";

    private const string ThinkingTokens = "Anthropic's newest answers count thoughts here; the specification of 2026-11 does not know it yet (WIRE_FACTS §3.2).";

    private const string TokenBytes = "The specification has a token's bytes in whole answers and not in events; vendors send them in both (openai-responses-027 and -028), and they go on as they came (2026-12).";

    private const string GoogleExtras = "Google's own OpenAI-compatible endpoint puts thought signatures here, and clients of it echo them (ai.google.dev, OpenAI compatibility, 2026-11).";

    private const string Pictures = "What a model draws: OpenAI's Chat has no place for it, OpenRouter and LiteLLM have this one, and their clients read it (2026-11).";

    public static IReadOnlyList<SpecException> OpenAI { get; } =
    [
        new("CreateChatCompletionResponse", "$.choices[].message.images" + Undeclared, Pictures),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.images" + Undeclared, Pictures),
        new("CreateChatCompletionResponse", "$.choices[].message.reasoning_content" + Undeclared, Thoughts),
        new("CreateChatCompletionResponse", "$.choices[].message.reasoning_details" + Undeclared, Details),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.reasoning_content" + Undeclared, Thoughts),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.reasoning_details" + Undeclared, Details),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.annotations" + Undeclared, "OpenAI's search models and OpenRouter cite in streams as in whole answers; the specification declares it for whole ones only (recordings, 2026-11)."),
        new("CreateChatCompletionRequest", "$.messages[].reasoning_content" + Undeclared, "The thoughts of earlier turns: several vendors refuse a conversation without them, and the profile says who takes them (2026-11)."),
        new("CreateChatCompletionResponse", "$.choices[].message.extra_content" + Undeclared, GoogleExtras),
        new("CreateChatCompletionResponse", "$.choices[].message.tool_calls[].extra_content" + Undeclared, GoogleExtras),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.extra_content" + Undeclared, GoogleExtras),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.tool_calls[].extra_content" + Undeclared, GoogleExtras),
        new("CreateChatCompletionStreamResponse", "$.choices[].delta.annotations" + Undeclared, "OpenAI's search models, Perplexity and OpenRouter stream citations here; the specification has the field in whole answers only (recordings, 2026-11)."),
        new("CreateChatCompletionRequest", "$.messages[].tool_calls[].extra_content" + Undeclared, GoogleExtras),
        new("ErrorResponse", "$.request_id" + Undeclared, "Trivet's own, beside the error, for people who report one; OpenAI has it in a header only (2026-11)."),
        new("ResponseTextDeltaEvent", "$.logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseTextDeltaEvent", "$.logprobs[].top_logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseTextDoneEvent", "$.logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseTextDoneEvent", "$.logprobs[].top_logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseStreamEvent", "$.logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseStreamEvent", "$.logprobs[].top_logprobs[].bytes" + Undeclared, TokenBytes),
        new("ResponseErrorEvent", "$.error" + Undeclared, "OpenAI itself sends the error in an object of that name, which its SDKs raise on; the fields that the specification names stand beside it (openai-node and -python, 2026-11)."),
        new("ResponseStreamEvent", "$.error" + Undeclared, "As in ResponseErrorEvent (2026-11)."),
        new("ResponseStreamEvent", "$.response.error.code: \"context_length_exceeded\" is none of …", FailureCodes),
        new("ResponseStreamEvent", "$.response.error.code: \"insufficient_quota\" is none of …", FailureCodes),
        new("ResponseFailedEvent", "$.response.error.code: \"context_length_exceeded\" is none of …", FailureCodes),
        new("ResponseFailedEvent", "$.response.error.code: \"insufficient_quota\" is none of …", FailureCodes),
    ];

    public static IReadOnlyList<SpecException> Anthropic { get; } =
    [
        new("Message", "$.usage.output_tokens_details" + Undeclared, ThinkingTokens),
        new("MessageStreamEvent", "$.usage.output_tokens_details" + Undeclared, ThinkingTokens),
        new("ErrorResponse", "$.error.details" + Undeclared, "Anthropic's own errors hold details.error_code, which its SDK acts on; the specification does not name it (WIRE_FACTS §3.7, 2026-11-22)."),
        new("ErrorResponse", "$.error.type: \"request_too_large\" where \"invalid_request_error\" is wanted", "Anthropic documents this type for its 413; the specification lists it nowhere (docs of its errors, 2026-11)."),
    ];

    public bool Covers(string schema, string fault) => schema == Schema
        && Place.Replace(fault, "[]") is var text && (Fault.EndsWith('…') ? text.StartsWith(Fault[..^1], StringComparison.Ordinal) : text == Fault);

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Place { get; }
}
