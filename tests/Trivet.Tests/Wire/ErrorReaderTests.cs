using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;

namespace Trivet.Tests.Wire;

public sealed class ErrorReaderTests
{
    [Theory]
    [InlineData(401, """{"error":{"message":"Missing Authentication header","code":401},"user_id":"u"}""", ErrorClass.Authentication, "Missing Authentication header", "401")]
    [InlineData(401, """{"detail":"Invalid API Key"}""", ErrorClass.Authentication, "Invalid API Key", null)]
    [InlineData(400, """{"code":"invalid-argument","error":"text"}""", ErrorClass.InvalidRequest, "text", "invalid-argument")]
    [InlineData(400, """{"error":{"message":"m","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"x"}}""", ErrorClass.InvalidRequest, "m", "tool_use_failed")]
    [InlineData(429, """{"message":"Too many tokens","__type":"ThrottlingException"}""", ErrorClass.RateLimited, "Too many tokens", null)]
    [InlineData(429, """{"error":{"code":"1305","message":"busy"}}""", ErrorClass.RateLimited, "busy", "1305")]
    [InlineData(400, """{"error":{"code":"1113","message":"no money"}}""", ErrorClass.Billing, "no money", "1113")]
    [InlineData(200, """{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}""", ErrorClass.RateLimited, "rate limit", "1002")]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"},"request_id":"r"}""", ErrorClass.ContextLength, "prompt is too long: 9 tokens", null)]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorClass.Overloaded, "Overloaded", null)]
    [InlineData(422, """{"detail":[{"loc":["body","messages"],"msg":"field required","type":"missing"}]}""", ErrorClass.InvalidRequest, "body.messages: field required", null)]
    [InlineData(400, """{"error":{"message":"m","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", ErrorClass.ContentFilter, "m", "content_filter")]
    [InlineData(502, "<html><head><title>502 Bad Gateway</title></head></html>", ErrorClass.Server, "502 Bad Gateway", null)]
    [InlineData(503, "upstream connect error", ErrorClass.Overloaded, "upstream connect error", null)]
    [InlineData(500, "", ErrorClass.Server, "The upstream answered 500 without saying why.", null)]
    [InlineData(0, """{"error":{"message":"Token limit reached","code":400}}""", ErrorClass.InvalidRequest, "Token limit reached", "400")]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}""", ErrorClass.Billing, "You exceeded your current quota", "insufficient_quota")]
    [InlineData(400, """{"error":{"message":"half \ud83d a pair"}}""", ErrorClass.InvalidRequest, null, null)]
    public void Every_shape_is_read(int status, string body, ErrorClass expected, string? message, string? code)
    {
        var error = ErrorReader.Read(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal((expected, code), (error.Class, error.Code));
        Assert.Equal(status >= 400 ? status : 0, error.Status);
        if (message is not null)
            Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Geminis_array_names_how_long_to_wait()
    {
        var body = """[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}]"""u8;
        var error = ErrorReader.Read(429, body);
        Assert.Equal((ErrorClass.RateLimited, TimeSpan.FromSeconds(34.5)), (error.Class, error.RetryAfter));
    }

    [Fact]
    public void Mutated_bodies_never_throw()
    {
        var seed = """{"error":{"message":"m","code":"c","details":[{"retryDelay":"1s","reason":"r"}],"metadata":{"raw":"x"}},"detail":[{"loc":["a"],"msg":"b"}],"base_resp":{"status_code":1}}"""u8.ToArray();
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var body = seed.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            Assert.NotNull(ErrorReader.Read(random.Next(2) * 400, body).Message);
        }
    }
}
