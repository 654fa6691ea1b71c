using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The official OpenAI SDK for .NET, against every kind of upstream.</summary>
public sealed class OpenAISdkTests(Lab lab)
{
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "The weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));
    private static readonly ChatTool Clock = ChatTool.CreateFunctionTool(
        "get_time", "The time of a zone", BinaryData.FromString("""{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}"""));

    public static TheoryData<Target> Targets => [.. Lab.Targets];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Plain_answer_with_usage_and_request_id(Target target)
    {
        var (chat, model) = await ChatAsync(target, "chat");
        var result = await chat.CompleteChatAsync([new UserChatMessage("Hello there")], cancellationToken: Cancellation);

        Assert.Contains("Hello there", result.Value.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, result.Value.FinishReason);
        Assert.Equal(model.Served, result.Value.Model);
        Assert.True(result.GetRawResponse().Headers.TryGetValue("x-request-id", out _));
        AssertUsage(Assert.Single(await lab.Sandbox.SeenAsync(model.Tag)).Usage!, result.Value.Usage);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Streamed_answer_equals_the_unstreamed_one(Target target)
    {
        var (chat, model) = await ChatAsync(target, "text-120");
        var whole = await chat.CompleteChatAsync([new UserChatMessage("Go")], cancellationToken: Cancellation);
        var streamed = await FoldAsync(chat, [new UserChatMessage("Go")]);

        Assert.Equal(whole.Value.Content[0].Text, streamed.Text);
        Assert.Equal([ChatFinishReason.Stop], streamed.Finish);
        Assert.True(streamed.Updates > 20);
        AssertUsage((await lab.Sandbox.SeenAsync(model.Tag))[^1].Usage!, Assert.Single(streamed.Usage));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Parallel_tool_calls_whole_and_streamed(Target target)
    {
        var (chat, _) = await ChatAsync(target, "chat");
        ChatMessage[] ask = [new UserChatMessage("""[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]""")];
        var options = new ChatCompletionOptions { Tools = { Weather, Clock } };
        var whole = await chat.CompleteChatAsync(ask, options, Cancellation);
        var streamed = await FoldAsync(chat, ask, options);

        Assert.Equal(ChatFinishReason.ToolCalls, whole.Value.FinishReason);
        Assert.Equal(["get_weather", "get_time"], whole.Value.ToolCalls.Select(c => c.FunctionName));
        Assert.Equal(["""{"city":"Oslo"}""", """{"zone":"UTC"}"""], whole.Value.ToolCalls.Select(c => Compact(c.FunctionArguments)));
        Assert.Equal(["get_weather", "get_time"], streamed.Calls.Select(c => c.Name));
        Assert.Equal(["""{"city":"Oslo"}""", """{"zone":"UTC"}"""], streamed.Calls.Select(c => Compact(BinaryData.FromString(c.Arguments.ToString()))));
        Assert.Equal([ChatFinishReason.ToolCalls], streamed.Finish);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tool_results_over_several_turns(Target target)
    {
        var (chat, _) = await ChatAsync(target, "chat");
        var options = new ChatCompletionOptions { Tools = { Weather, Clock } };
        List<ChatMessage> messages = [new UserChatMessage("[[tool get_weather {\"city\":\"Oslo\"}]]\n[[tool get_time {\"zone\":\"UTC\"}]]\n[[say It is: {{result}}]]")];
        List<string> called = [];
        ChatCompletion answer;
        do
        {
            answer = await chat.CompleteChatAsync(messages, options, Cancellation);
            messages.Add(new AssistantChatMessage(answer));
            foreach (var call in answer.ToolCalls)
            {
                called.Add(call.FunctionName);
                messages.Add(new ToolChatMessage(call.Id, $"answer of {call.FunctionName}"));
            }
        }
        while (answer.FinishReason == ChatFinishReason.ToolCalls && called.Count < 5);

        Assert.Equal(["get_weather", "get_time"], called);
        Assert.Equal("It is: answer of get_time", answer.Content[0].Text);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tool_choice_and_parallel_switch_are_kept(Target target)
    {
        var (chat, _) = await ChatAsync(target, "chat");
        ChatMessage[] plain = [new UserChatMessage("Hi")];
        ChatMessage[] both = [new UserChatMessage("""[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]""")];
        var required = await chat.CompleteChatAsync(plain, new ChatCompletionOptions { Tools = { Weather, Clock }, ToolChoice = ChatToolChoice.CreateRequiredChoice() }, Cancellation);
        var named = await chat.CompleteChatAsync(plain, new ChatCompletionOptions { Tools = { Weather, Clock }, ToolChoice = ChatToolChoice.CreateFunctionChoice("get_time") }, Cancellation);
        var none = await chat.CompleteChatAsync(both, new ChatCompletionOptions { Tools = { Weather, Clock }, ToolChoice = ChatToolChoice.CreateNoneChoice() }, Cancellation);
        var single = await chat.CompleteChatAsync(both, new ChatCompletionOptions { Tools = { Weather, Clock }, AllowParallelToolCalls = false }, Cancellation);

        Assert.Single(required.Value.ToolCalls);
        Assert.Equal("get_time", Assert.Single(named.Value.ToolCalls).FunctionName);
        Assert.Empty(none.Value.ToolCalls);
        Assert.Equal("get_weather", Assert.Single(single.Value.ToolCalls).FunctionName);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Reasoning_tokens_are_counted(Target target)
    {
        var (chat, model) = await ChatAsync(target, "chat");
        var answer = await chat.CompleteChatAsync([new UserChatMessage("Hi")], new ChatCompletionOptions { ReasoningEffortLevel = ChatReasoningEffortLevel.Low }, Cancellation);

        var seen = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag)).Usage!;
        Assert.True(seen.Reasoning > 0);
        Assert.Equal(seen.OutputTotal, answer.Value.Usage.OutputTokenCount);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Images_and_documents_arrive(Target target)
    {
        var (chat, _) = await ChatAsync(target, "echo");
        var answer = await chat.CompleteChatAsync(
            [
                new UserChatMessage(
                    ChatMessageContentPart.CreateTextPart("See"),
                    ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(Png), "image/png"),
                    ChatMessageContentPart.CreateImagePart(new Uri("https://example.com/cat.png")),
                    ChatMessageContentPart.CreateFilePart(BinaryData.FromString("%PDF-1.4 small"), "application/pdf", "a.pdf")),
            ],
            cancellationToken: Cancellation);

        var text = answer.Value.Content[0].Text;
        Assert.Contains($"[image image/png {Png.Length} bytes]", text, StringComparison.Ordinal);
        Assert.Contains("[image https://example.com/cat.png]", text, StringComparison.Ordinal);
        Assert.Contains("[document application/pdf 14 bytes]", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Structured_output_fits_its_schema(Target target)
    {
        var (chat, _) = await ChatAsync(target, "chat");
        var schema = BinaryData.FromString("""{"type":"object","properties":{"colour":{"type":"string","enum":["red","blue"]},"count":{"type":"integer","minimum":2}},"required":["colour","count"],"additionalProperties":false}""");
        var answer = await chat.CompleteChatAsync(
            [new UserChatMessage("Hi")], new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("pick", schema, jsonSchemaIsStrict: true) }, Cancellation);

        Assert.Equal("""{"colour":"red","count":2}""", Compact(BinaryData.FromString(answer.Value.Content[0].Text)));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Stop_sequences_and_token_limit_bound_the_answer(Target target)
    {
        var (chat, _) = await ChatAsync(target, "chat");
        var stopped = await chat.CompleteChatAsync([new UserChatMessage("[[say one two HALT three]]")], new ChatCompletionOptions { StopSequences = { "HALT" } }, Cancellation);
        Assert.Equal("one two", stopped.Value.Content[0].Text.Trim());
        Assert.Equal(ChatFinishReason.Stop, stopped.Value.FinishReason);

        var (talker, _) = await ChatAsync(target, "text-60");
        var limited = await talker.CompleteChatAsync([new UserChatMessage("Go")], new ChatCompletionOptions { MaxOutputTokenCount = 20 }, Cancellation);
        Assert.Equal(ChatFinishReason.Length, limited.Value.FinishReason);
        Assert.Equal(20, limited.Value.Usage.OutputTokenCount);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Errors_carry_status_message_and_request_id(Target target)
    {
        var client = await lab.ClientAsync(target);
        await FailsAsync(401, new ChatClient(client.Prefix + "chat", new ApiKeyCredential("sk-wrong-key-of-nobody"), Options(client)));
        await FailsAsync(404, (await ChatAsync(target, "chat", "@404")).Chat);
        await FailsAsync(400, (await ChatAsync(target, "chat", "@400")).Chat);
        var limited = await FailsAsync(429, (await ChatAsync(target, "chat", "@429:retry-after=7")).Chat);
        Assert.True(limited.GetRawResponse()!.Headers.TryGetValue("retry-after", out var wait));
        Assert.Equal("7", wait);
        Assert.True((await FailsAsync(null, (await ChatAsync(target, "chat", "@500")).Chat)).Status >= 500);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Cancelled_stream_ends_at_the_vendor(Target target)
    {
        var (chat, model) = await ChatAsync(target, "text-400", "@slow:tps=20");
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in chat.CompleteChatStreamingAsync([new UserChatMessage("Go")], cancellationToken: cancellation.Token))
            {
                if (++updates == 3)
                {
                    await cancellation.CancelAsync();
                }
            }
        });

        var seen = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag));
        Assert.True(seen.ClientDisconnected);
        Assert.False(seen.IsComplete);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Models_are_listed_and_found(Target target)
    {
        var client = await lab.ClientAsync(target);
        var models = new OpenAIModelClient(new ApiKeyCredential(client.Key), Options(client));
        var list = (await models.GetModelsAsync(Cancellation)).Value;
        Assert.NotEmpty(list);
        Assert.Equal(list[0].Id, (await models.GetModelAsync(list[0].Id, Cancellation)).Value.Id);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => models.GetModelAsync("no-such-model", Cancellation))).Status);
    }

    private static OpenAIClientOptions Options(LabClient client) => new()
    {
        Endpoint = new Uri(client.Address, "/v1"),
        RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0),
    };

    private async Task<(ChatClient Chat, LabModel Model)> ChatAsync(Target target, string kind, string faults = "")
    {
        var client = await lab.ClientAsync(target);
        var model = LabModel.Of(client.Prefix, kind, faults);
        return (new ChatClient(model.Name, new ApiKeyCredential(client.Key), Options(client)), model);
    }

    private static async Task<ClientResultException> FailsAsync(int? status, ChatClient chat)
    {
        var e = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Cancellation));
        Assert.Equal(status ?? e.Status, e.Status);
        Assert.True(e.GetRawResponse()!.Headers.TryGetValue("x-request-id", out _), $"no x-request-id on {e.Status}");
        var error = e.GetRawResponse()!.Content.ToObjectFromJson<JsonElement>().GetProperty("error");
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.Contains(error.GetProperty("message").GetString()!, e.Message, StringComparison.Ordinal);
        return e;
    }

    private static async Task<Folded> FoldAsync(ChatClient chat, IEnumerable<ChatMessage> messages, ChatCompletionOptions? options = null)
    {
        var folded = new Folded();
        var text = new StringBuilder();
        await foreach (var update in chat.CompleteChatStreamingAsync(messages, options, Cancellation))
        {
            folded.Updates++;
            text.Append(string.Concat(update.ContentUpdate.Select(c => c.Text)));
            folded.Usage.AddRange(update.Usage is null ? [] : [update.Usage]);
            folded.Finish.AddRange(update.FinishReason is null ? [] : [update.FinishReason.Value]);
            foreach (var call in update.ToolCallUpdates)
            {
                if (folded.Calls.Count == call.Index)
                {
                    folded.Calls.Add((call.FunctionName, new StringBuilder()));
                }

                folded.Calls[call.Index].Arguments.Append(call.FunctionArgumentsUpdate);
            }
        }

        folded.Text = text.ToString();
        return folded;
    }

    private static void AssertUsage(SeenUsage served, ChatTokenUsage usage)
    {
        Assert.Equal(served.InputTotal, usage.InputTokenCount);
        Assert.Equal(served.OutputTotal, usage.OutputTokenCount);
        Assert.Equal(served.InputTotal + served.OutputTotal, usage.TotalTokenCount);
    }

    private static string Compact(BinaryData json) => JsonSerializer.Serialize(json.ToObjectFromJson<JsonElement>());

    private sealed class Folded
    {
        public string Text { get; set; } = "";

        public int Updates { get; set; }

        public List<(string Name, StringBuilder Arguments)> Calls { get; } = [];

        public List<ChatFinishReason> Finish { get; } = [];

        public List<ChatTokenUsage> Usage { get; } = [];
    }
}
