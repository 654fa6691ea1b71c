namespace Trivet.Wire.Canonical.Errors;

/// <summary>
/// Decides what sort of error a body tells: by the vendor's own code or type word where it is known, then by the status, and by the wording only
/// for the two sorts that many vendors have no code for (context length and content filter) and only on a refused request.
/// Codes: vendors' documentation and recordings, 2026-11.
/// </summary>
internal static class ErrorClassifier
{
    public static ErrorClass Classify(int status, ErrorFields fields)
    {
        if (fields.IsBaseResp)
            return MiniMax(fields.Code);
        var named = ByWord(fields.Code) ?? ByWord(fields.Type);
        if (named is not null and not ErrorClass.InvalidRequest)
            return named.Value;
        if (status is 0 or 400 or 413 or 422 or 500 && fields.Message is { } message && ByMessage(message) is { } byMessage)
            return byMessage;
        return ByStatus(status) ?? named ?? ErrorClass.Server;
    }

    private static ErrorClass? ByStatus(int status) => status switch
    {
        401 => ErrorClass.Authentication,
        402 => ErrorClass.Billing,
        403 => ErrorClass.PermissionDenied,
        404 => ErrorClass.NotFound,
        408 or 504 or 524 => ErrorClass.Timeout,
        413 => ErrorClass.RequestTooLarge,
        429 => ErrorClass.RateLimited,
        503 or 529 => ErrorClass.Overloaded,
        >= 500 => ErrorClass.Server,
        >= 400 => ErrorClass.InvalidRequest,
        _ => null,
    };

    private static ErrorClass? ByWord(string? word) => word switch
    {
        null => null,
        "context_length_exceeded" or "too_many_prompt_tokens" or "model_context_window_exceeded" or "string_above_max_length" or "1261" => ErrorClass.ContextLength,
        "content_filter" or "content_policy_violation" or "ResponsibleAIPolicyViolation" or "data_inspection_failed" or "DataInspectionFailed"
            or "sensitive_words_detected" or "image_content_policy_violation" or "bio_policy" or "1301" => ErrorClass.ContentFilter,
        "insufficient_quota" or "billing_error" or "billing_not_active" or "insufficient_balance" or "insufficient_user_quota" or "Arrearage"
            or "exceeded_current_quota_error" or "pre_consume_token_quota_failed" or "1113" => ErrorClass.Billing,
        "rate_limit_exceeded" or "rate_limit_error" or "RateLimitReached" or "rate_limit_reached_error" or "too_many_requests" or "Throttling"
            or "Throttling.RateQuota" or "Throttling.AllocationQuota" or "RESOURCE_EXHAUSTED" or "ThrottlingException" or "tokens" or "requests"
            or "1302" or "1303" or "1304" or "1305" or "1308" => ErrorClass.RateLimited,
        "overloaded_error" or "engine_overloaded_error" or "engine_overloaded" or "server_overloaded" or "UNAVAILABLE" or "insufficient_system_resource"
            or "ServiceUnavailableException" or "ModelNotReadyException" => ErrorClass.Overloaded,
        "invalid_api_key" or "authentication_error" or "incorrect_api_key_error" or "invalid_authentication_error" or "InvalidApiKey" or "UNAUTHENTICATED"
            or "API_KEY_INVALID" or "1000" or "1001" or "1002" or "1003" or "1004" => ErrorClass.Authentication,
        "permission_error" or "permission_denied" or "permission_denied_error" or "PERMISSION_DENIED" or "AccessDenied" or "AccessDeniedException" or "1220" => ErrorClass.PermissionDenied,
        "model_not_found" or "not_found_error" or "resource_not_found_error" or "NOT_FOUND" or "ModelNotFound" or "ResourceNotFoundException" or "1211" => ErrorClass.NotFound,
        "request_too_large" => ErrorClass.RequestTooLarge,
        "timeout_error" or "timeout" or "DEADLINE_EXCEEDED" or "ModelTimeoutException" => ErrorClass.Timeout,
        "server_error" or "api_error" or "internal_server_error" or "internal_error" or "INTERNAL" or "InternalServerException" => null, // said of anything: the status knows better
        "invalid_request_error" or "invalid_prompt" or "INVALID_ARGUMENT" or "BadRequestError" or "ValidationException" or "tool_use_failed" or "1210" or "1214" => ErrorClass.InvalidRequest,
        _ => null,
    };

    // platform.minimax.io/docs/api-reference/errorcode, read 2026-11
    private static ErrorClass MiniMax(string? code) => code switch
    {
        "1001" => ErrorClass.Timeout,
        "1002" or "1039" or "1041" or "2045" => ErrorClass.RateLimited,
        "1004" or "2049" => ErrorClass.Authentication,
        "1008" or "2056" => ErrorClass.Billing,
        "1026" or "1027" => ErrorClass.ContentFilter,
        "2013" or "1042" or "2037" => ErrorClass.InvalidRequest,
        _ => ErrorClass.Server,
    };

    private static ErrorClass? ByMessage(string message)
    {
        if (Says(message, "maximum context length") || Says(message, "context_length_exceeded") || Says(message, "prompt is too long") || Says(message, "context window")
            || Says(message, "exceeds the available context size") || Says(message, "input token count") && Says(message, "exceeds") || Says(message, "Range of input length")
            || Says(message, "total length of all messages is too long") || Says(message, "exceed context limit") || Says(message, "input length and `max_tokens` exceed"))
            return ErrorClass.ContextLength;
        if (Says(message, "content management policy") || Says(message, "inappropriate content") || Says(message, "content exists risk") || Says(message, "content filter"))
            return ErrorClass.ContentFilter;
        return Says(message, "credit balance is too low") || Says(message, "Insufficient Balance") ? ErrorClass.Billing : null;
    }

    private static bool Says(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
