using System.Text;
using System.Text.Json;
using Trivet.Core.Failures;

namespace Trivet.Tests.Failures;

/// <summary>
/// Vendors' errors as they were really seen (WIRE_FACTS §3.2), each through the relay to a client of the same protocol and to one of another: named rightly, booked
/// so, and told in the client's protocol; what is wrong with the gateway's own account is told as that.
/// </summary>
public sealed class VendorErrorShapeTests
{
    private const string Chat = "openai-chat";
    private const string Responses = "openai-responses";
    private const string Messages = "anthropic-messages";
    private const string Gemini = "gemini";

    private const string ChatStart = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";

    public static TheoryData<string, string, int, string, FailureKind> Bodies => new()
    {
        { "openai", Chat, 401, """{"error":{"message":"Incorrect API key provided: sk-1","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", FailureKind.UpstreamCredentialRefused },
        { "openai", Chat, 429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", FailureKind.UpstreamBillingExhausted },
        { "openai", Chat, 404, """{"error":{"message":"The model `m` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", FailureKind.UpstreamModelUnknown },
        { "openai", Chat, 400, """{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", FailureKind.UpstreamContextLength },
        { "custom", Chat, 400, """{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", FailureKind.UpstreamContentFilter }, // Azure
        { "openrouter", Chat, 401, """{"error":{"message":"No auth credentials found","code":401},"user_id":"u"}""", FailureKind.UpstreamCredentialRefused },
        { "openrouter", Chat, 402, """{"error":{"message":"Insufficient credits","code":402}}""", FailureKind.UpstreamBillingExhausted },
        { "mistral", Chat, 401, """{"detail":"Invalid API Key"}""", FailureKind.UpstreamCredentialRefused },
        { "xai", Chat, 400, """{"code":"invalid-argument","error":"Each message must have a role"}""", FailureKind.UpstreamRequestRefused },
        { "groq", Chat, 400, """{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function"}}""", FailureKind.UpstreamServerError },
        { "deepseek", Chat, 402, """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""", FailureKind.UpstreamBillingExhausted },
        { "deepseek", Chat, 400, """{"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 140000 tokens.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""", FailureKind.UpstreamContextLength },
        { "deepseek", Chat, 400, """{"error":{"message":"Invalid temperature","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""", FailureKind.UpstreamRequestRefused },
        { "zhipu", Chat, 429, """{"error":{"code":"1305","message":"busy"}}""", FailureKind.UpstreamOverloaded },
        { "zhipu", Chat, 429, """{"error":{"code":"1113","message":"no money"}}""", FailureKind.UpstreamBillingExhausted },
        { "zhipu", Messages, 401, """{"error":{"type":"1000","message":"token expired"}}""", FailureKind.UpstreamCredentialRefused },
        { "anthropic", Messages, 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}""", FailureKind.UpstreamOverloaded },
        { "anthropic", Messages, 400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"},"request_id":"r"}""", FailureKind.UpstreamContextLength },
        { "anthropic", Messages, 413, """{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"},"request_id":"r"}""", FailureKind.UpstreamBodyTooLarge },
        { "google", Gemini, 429, """[{"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}]""", FailureKind.UpstreamRateLimited },
        { "google", Gemini, 400, """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}""", FailureKind.UpstreamCredentialRefused },
        { "custom", Chat, 502, "<html><head><title>502 Bad Gateway</title></head></html>", FailureKind.UpstreamServerError },
        { "custom", Chat, 503, "upstream connect error", FailureKind.UpstreamOverloaded },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}""", FailureKind.UpstreamRateLimited },
        { "minimax", Chat, 200, """{"id":"","choices":null,"created":0,"model":"","base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", FailureKind.UpstreamBillingExhausted },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":1004,"status_msg":"login fail"}}""", FailureKind.UpstreamCredentialRefused },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":1026,"status_msg":"input new_sensitive"}}""", FailureKind.UpstreamContentFilter },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":1039,"status_msg":"token limit"}}""", FailureKind.UpstreamContextLength },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":2013,"status_msg":"invalid params"}}""", FailureKind.UpstreamRequestRefused },
        { "minimax", Chat, 200, """{"base_resp":{"status_code":9999,"status_msg":"a new one"}}""", FailureKind.UpstreamServerError },
        { "custom", Chat, 200, """{"error":{"message":"model is loading","type":"server_error"}}""", FailureKind.UpstreamServerError },
        { "minimax", Messages, 200, """{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", FailureKind.UpstreamBillingExhausted },
        { "minimax", Responses, 200, """{"id":"","output":[],"base_resp":{"status_code":1002,"status_msg":"rate limit"}}""", FailureKind.UpstreamRateLimited },
        { "zhipu", Chat, 200, """{"code":1113,"msg":"no money","success":false}""", FailureKind.UpstreamBillingExhausted },
        { "zhipu", Messages, 200, """{"code":"1305","msg":"busy","success":false}""", FailureKind.UpstreamOverloaded },
        { "zhipu", Responses, 200, """{"code":1113,"msg":"no money","success":false}""", FailureKind.UpstreamBillingExhausted },
        { "custom", Gemini, 200, """{"code":503,"msg":"busy","data":null}""", FailureKind.UpstreamOverloaded },
    };

    public static TheoryData<string, string, string, FailureKind> Streams => new()
    {
        { "groq", Chat, ChatStart + "event: error\ndata: {\"error\":{\"message\":\"Failed to generate\",\"type\":\"server_error\"}}\n\n", FailureKind.UpstreamStreamError },
        { "openrouter", Chat, ChatStart + "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],\"error\":{\"code\":429,\"message\":\"Rate limited upstream\"}}\n\n", FailureKind.UpstreamRateLimited },
        { "minimax", Chat, "data: {\"id\":\"\",\"choices\":null,\"created\":0,\"model\":\"\",\"object\":\"\",\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}\n\n", FailureKind.UpstreamBillingExhausted },
        { "openai", Responses, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"error\":{\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\",\"message\":\"Your input exceeds the context window\",\"param\":\"input\"}}\n\n", FailureKind.UpstreamContextLength },
        { "openai", Responses, "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Rate limit reached\"},\"output\":[]}}\n\n", FailureKind.UpstreamRateLimited },
        { "anthropic", Messages, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", FailureKind.UpstreamOverloaded },
        { "minimax", Messages, "event: error\ndata: {\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}\n\n", FailureKind.UpstreamBillingExhausted },
        { "zhipu", Messages, "data: {\"code\":\"1305\",\"msg\":\"busy\"}\n\n", FailureKind.UpstreamOverloaded },
        { "google", Gemini, "data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n", FailureKind.UpstreamOverloaded },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task An_error_body_is_named_and_told(string vendor, string upstream, int status, string body, FailureKind kind) => NamedAndTold(vendor, upstream, status, body, "application/json", kind);

    [Theory]
    [MemberData(nameof(Streams))]
    public Task An_error_in_a_stream_is_named_and_told(string vendor, string upstream, string events, FailureKind kind) => NamedAndTold(vendor, upstream, 200, events, "text/event-stream", kind);

    [Theory]
    [InlineData("minimax", Messages, """{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", FailureKind.UpstreamBillingExhausted)]
    [InlineData("zhipu", Messages, """{"code":"1305","msg":"busy"}""", FailureKind.UpstreamOverloaded)]
    [InlineData("zhipu", Chat, """{"code":"1305","msg":"busy"}""", FailureKind.UpstreamOverloaded)]
    [InlineData("zhipu", Responses, """{"code":"1305","msg":"busy"}""", FailureKind.UpstreamOverloaded)]
    [InlineData("custom", Gemini, """{"code":503,"msg":"busy"}""", FailureKind.UpstreamOverloaded)]
    public Task A_failure_that_comes_as_json_where_a_stream_was_asked_is_named_and_told(string vendor, string upstream, string body, FailureKind kind) =>
        NamedAndTold(vendor, upstream, 200, body, "application/json", kind, stream: true);

    private static async Task NamedAndTold(string vendor, string upstream, int status, string body, string contentType, FailureKind kind, bool stream = false)
    {
        foreach (var client in new[] { upstream, upstream == Chat ? Messages : Chat })
        {
            await using var rig = await RelayRig.StartAsync();
            rig.Vendor = vendor;
            rig.A.Script($$$"""{"match":{"model":"m"},"times":0,"raw":{"status":{{{status}}},"headers":{"content-type":{{{JsonSerializer.Serialize(contentType)}}} },"body_base64":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(body))}}}"}}""");

            var answer = await rig.AskAsync(client, upstream, stream || contentType != "application/json", ["a:m"]);

            var rule = FailureTable.For(kind);
            Assert.Equal(kind.ToString(), rig.Spool.Attempts[0].Failure);
            Assert.True(answer.Error is not null, answer.ToString());
            Assert.True(answer.Status == rule.Status || client == upstream && answer.Status == status && status >= 400, $"{answer.Status} for {kind}");
            if (rule.Fault == FaultSide.Operator)
                Assert.DoesNotContain(answer.Status, new[] { 401, 402, 403 });
            if (rule.Retry == RetryAdvice.OtherCredential)
                Assert.Contains("the client's key is fine", answer.Body, StringComparison.Ordinal);
        }
    }
}
