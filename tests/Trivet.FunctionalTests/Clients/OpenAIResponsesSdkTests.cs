using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Responses;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>Responses of the official OpenAI SDK for .NET, against every kind of upstream.</summary>
public sealed class OpenAIResponsesSdkTests(Lab lab)
{
    private static readonly ResponseTool Weather = ResponseTool.CreateFunctionTool(
        "get_weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""), strictModeEnabled: false, "The weather of a city");
    private static readonly ResponseTool Clock = ResponseTool.CreateFunctionTool(
        "get_time", BinaryData.FromString("""{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}"""), strictModeEnabled: false, "The time of a zone");

    public static TheoryData<Target> Targets => [.. Lab.Targets];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Plain_answer_with_usage_and_request_id(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var result = await client.CreateResponseAsync(Ask(model, "Hello there"), Cancellation);

        Assert.Contains("Hello there", result.Value.GetOutputText(), StringComparison.Ordinal);
        Assert.Equal(ResponseStatus.Completed, result.Value.Status);
        Assert.Equal(model.Served, result.Value.Model);
        Assert.True(result.GetRawResponse().Headers.TryGetValue("x-request-id", out _));
        var served = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag)).Usage!;
        Assert.Equal((served.InputTotal, served.OutputTotal), (result.Value.Usage.InputTokenCount, result.Value.Usage.OutputTokenCount));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Streamed_answer_equals_the_unstreamed_one(Target target)
    {
        var (client, model) = await ClientAsync(target, "text-120");
        var whole = (await client.CreateResponseAsync(Ask(model, "Go"), Cancellation)).Value;
        var text = new StringBuilder();
        var (updates, final) = (0, default(ResponseResult));
        var ask = Ask(model, "Go");
        ask.StreamingEnabled = true;
        await foreach (var update in await client.CreateResponseStreamingAsync(ask, Cancellation))
        {
            Assert.Equal(updates++, update.SequenceNumber);
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            final = (update as StreamingResponseCompletedUpdate)?.Response ?? final;
        }

        Assert.Equal(whole.GetOutputText(), text.ToString());
        Assert.Equal(whole.GetOutputText(), final!.GetOutputText());
        Assert.True(updates > 20);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tool_loop_over_three_calls(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        List<ResponseItem> items = [ResponseItem.CreateUserMessageItem("[[tool get_weather {\"city\":\"Oslo\"}]]\n[[tool get_time {\"zone\":\"UTC\"}]]\n[[tool get_weather {\"city\":\"Rome\"}]]\n[[say It is: {{result}}]]")];
        List<string> called = [];
        ResponseResult answer;
        do
        {
            var ask = new CreateResponseOptions { Model = model.Name, Tools = { Weather, Clock }, StoredOutputEnabled = false };
            items.ForEach(ask.InputItems.Add);
            answer = (await client.CreateResponseAsync(ask, Cancellation)).Value;
            items.AddRange(answer.OutputItems);
            foreach (var call in answer.OutputItems.OfType<FunctionCallResponseItem>())
            {
                called.Add($"{call.FunctionName} {JsonSerializer.Serialize(call.FunctionArguments.ToObjectFromJson<JsonElement>())}");
                items.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, $"answer of {call.FunctionName}"));
            }
        }
        while (answer.OutputItems.OfType<FunctionCallResponseItem>().Any() && called.Count < 6);

        Assert.Equal(["""get_weather {"city":"Oslo"}""", """get_time {"zone":"UTC"}""", """get_weather {"city":"Rome"}"""], called);
        Assert.Equal("It is: answer of get_weather", answer.GetOutputText());
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Reasoning_is_shown_and_counted(Target target)
    {
        var (client, model) = await ClientAsync(target, "think-20");
        var ask = Ask(model, "Hi");
        ask.ReasoningOptions = new ResponseReasoningOptions { ReasoningEffortLevel = ResponseReasoningEffortLevel.Low, ReasoningSummaryVerbosity = ResponseReasoningSummaryVerbosity.Auto };
        var answer = (await client.CreateResponseAsync(ask, Cancellation)).Value;

        Assert.NotEmpty(answer.OutputItems.OfType<ReasoningResponseItem>());
        var seen = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag)).Usage!;
        Assert.Equal((seen.OutputTotal, seen.Reasoning), (answer.Usage.OutputTokenCount, answer.Usage.OutputTokenDetails.ReasoningTokenCount));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Structured_output_fits_its_schema(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var ask = Ask(model, "Hi");
        ask.TextOptions = new ResponseTextOptions
        {
            TextFormat = ResponseTextFormat.CreateJsonSchemaFormat(
                "pick",
                BinaryData.FromString("""{"type":"object","properties":{"colour":{"type":"string","enum":["red","blue"]},"count":{"type":"integer","minimum":2}},"required":["colour","count"],"additionalProperties":false}"""),
                jsonSchemaIsStrict: true),
        };
        var answer = (await client.CreateResponseAsync(ask, Cancellation)).Value;

        Assert.Equal("""{"colour":"red","count":2}""", JsonSerializer.Serialize(JsonElement.Parse(answer.GetOutputText())));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Errors_carry_status_message_and_request_id(Target target)
    {
        var lost = await lab.ClientAsync(target);
        await FailsAsync(401, new ResponsesClient(new ApiKeyCredential("sk-wrong-key-of-nobody"), Options(lost)), LabModel.Of(lost.Prefix, "chat"));
        foreach (var status in (int[])[400, 404, 429, 500])
        {
            var (client, model) = await ClientAsync(target, "chat", $"@{status}");
            await FailsAsync(status, client, model);
        }
    }

    private static CreateResponseOptions Ask(LabModel model, string text) => new() { Model = model.Name, InputItems = { ResponseItem.CreateUserMessageItem(text) } };

    private static ResponsesClientOptions Options(LabClient client) => new() { Endpoint = new Uri(client.Address, "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) };

    private async Task<(ResponsesClient Client, LabModel Model)> ClientAsync(Target target, string kind, string faults = "")
    {
        var client = await lab.ClientAsync(target);
        return (new ResponsesClient(new ApiKeyCredential(client.Key), Options(client)), LabModel.Of(client.Prefix, kind, faults));
    }

    private static async Task FailsAsync(int status, ResponsesClient client, LabModel model)
    {
        var e = await Assert.ThrowsAsync<ClientResultException>(() => client.CreateResponseAsync(Ask(model, "Hi"), Cancellation));
        Assert.True(e.Status == status || status == 500 && e.Status > 500, $"{e.Status}");
        Assert.True(e.GetRawResponse()!.Headers.TryGetValue("x-request-id", out _), $"no x-request-id on {e.Status}");
        Assert.NotEqual("", e.GetRawResponse()!.Content.ToObjectFromJson<JsonElement>().GetProperty("error").GetProperty("message").GetString());
    }
}
