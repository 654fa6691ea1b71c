namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Errors in the shapes of vendors, relays and proxies.</summary>
internal static class ErrorSeeds
{
    public static string[] All { get; } =
    [
        """{"error":{"message":"Rate limit reached. Please try again in 1.5s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""",
        """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}""",
        """[{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}]""",
        """{"base_resp":{"status_code":1004,"status_msg":"login fail"}}""",
        """{"error":{"code":"1302","message":"too many"},"request_id":"r"}""",
        """{"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"}]}""",
        """{"detail":"Unauthorized"}""",
        """{"object":"error","message":{"detail":[{"msg":"m","loc":["a"]}]},"type":"invalid_request_error","code":1200}""",
        """{"error":"model not found"}""",
        """{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"{\"error\":\"x\"}","provider_name":"p"}},"user_id":"u"}""",
        """{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"r"}""",
        """{"message":"Input is too long for requested model.","__type":"com.amazon#ValidationException:http://a.test/"}""",
        """{"errors":[{"message":"m","code":7003}],"success":false,"result":null}""",
        """{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"no"}}}""",
        "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        "upstream connect error or disconnect/reset before headers",
        "",
    ];
}
