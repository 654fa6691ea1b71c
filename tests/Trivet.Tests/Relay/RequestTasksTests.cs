using System.Text;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Routing.Policies;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Relay;

/// <summary>What a request is taken for, by its client, its tools, its shape and its words.</summary>
public sealed class RequestTasksTests
{
    [Theory]
    [InlineData("claude-cli/2.1", "Hello", "", RequestTask.Code)]
    [InlineData("opencode/1.0", "Translate this", "", RequestTask.Code)]
    [InlineData("curl/8", "Translate this into German.", "", RequestTask.Translation)]
    [InlineData("curl/8", "请把下面的话翻译成英文", "", RequestTask.Translation)]
    [InlineData("curl/8", "Who is named?", ",\"response_format\":{\"type\":\"json_object\"}", RequestTask.Extraction)]
    [InlineData("curl/8", "What does the documentation say about retries?", "", RequestTask.Documents)]
    [InlineData("curl/8", "Fix it", ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bash\",\"parameters\":{}}}]", RequestTask.Code)]
    [InlineData("curl/8", "Weather?", ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{}}}]", RequestTask.Chat)]
    [InlineData(null, "How are you?", "", RequestTask.Chat)]
    public void Requests_are_told_apart(string? client, string question, string more, RequestTask expected) => Assert.Equal(expected, TaskOf(client, question, more));

    [Fact]
    public void A_very_long_prompt_is_that_first_of_all() => Assert.Equal(RequestTask.LongContext, TaskOf("curl/8", new string('x', 800_000), ""));

    private static RequestTask TaskOf(string? client, string question, string more)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m"{{more}},"messages":[{"role":"user","content":"{{question}}"}]}""");
        var scan = new RequestScan();
        Assert.True(OpenAIChatScan.TryScan(body, scan, out _));
        return RequestTasks.Of(client, scan, body);
    }
}
