using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The official Anthropic SDK for .NET, against every kind of upstream.</summary>
public sealed class AnthropicSdkTests(Lab lab)
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    private static readonly Tool Weather = ToolOf("get_weather", "city");
    private static readonly Tool Clock = ToolOf("get_time", "zone");

    public static TheoryData<Target> Targets => [.. Lab.Targets];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Plain_answer_with_usage(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var message = await client.Messages.Create(Ask(model, "Hello there"), Cancellation);

        Assert.Contains("Hello there", TextOf(message), StringComparison.Ordinal);
        Assert.Equal(StopReason.EndTurn, message.StopReason!.Value());
        Assert.Equal(model.Served, message.Model.Raw());
        AssertUsage(Assert.Single(await lab.Sandbox.SeenAsync(model.Tag)).Usage!, message.Usage);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Streamed_answer_equals_the_unstreamed_one(Target target)
    {
        var (client, model) = await ClientAsync(target, "text-120");
        var whole = await client.Messages.Create(Ask(model, "Go"), Cancellation);
        var streamed = await client.Messages.CreateStreaming(Ask(model, "Go"), Cancellation).Aggregate();

        Assert.Equal(TextOf(whole), TextOf(streamed));
        Assert.Equal(StopReason.EndTurn, streamed.StopReason!.Value());
        Assert.Equal(model.Served, streamed.Model.Raw());
        AssertUsage((await lab.Sandbox.SeenAsync(model.Tag))[^1].Usage!, streamed.Usage);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Parallel_tool_calls_whole_and_streamed(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var ask = Ask(model, """[[say Let me look]] [[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]""") with { Tools = [Weather, Clock] };
        var whole = await client.Messages.Create(ask, Cancellation);
        var streamed = await client.Messages.CreateStreaming(ask, Cancellation).Aggregate();

        foreach (var message in new[] { whole, streamed })
        {
            Assert.Equal(StopReason.ToolUse, message.StopReason!.Value());
            Assert.Equal("Let me look", TextOf(message));
            Assert.Equal([("get_weather", "Oslo"), ("get_time", "UTC")], CallsOf(message).Select(c => (c.Name, c.Input.Values.Single().GetString()!)));
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Thinking_comes_back_with_its_signature_in_a_tool_loop(Target target)
    {
        var (client, model) = await ClientAsync(target, "think-12-strict");
        List<MessageParam> messages = [new UserMessageParam("[[tool get_weather {\"city\":\"Oslo\"}]]\n[[tool get_time {\"zone\":\"UTC\"}]]\n[[say It is: {{result}}]]")];
        List<string> called = [];
        Message answer;
        do
        {
            answer = await client.Messages.CreateStreaming(
                new MessageCreateParams { Model = model.Name, MaxTokens = 2000, Messages = messages, Tools = [Weather, Clock], Thinking = new ThinkingConfigEnabled(1024) }, Cancellation).Aggregate();
            Assert.True(answer.Content[0].TryPickThinking(out var thinking) && thinking!.Thinking.Length > 10);
            messages.Add(new AssistantMessageParam(answer.Content.Select(Back).ToList()));
            messages.Add(new UserMessageParam(CallsOf(answer).Select(c => (ContentBlockParam)new ToolResultBlockParam { ToolUseID = c.ID, Content = $"answer of {c.Name}" }).ToList()));
            called.AddRange(CallsOf(answer).Select(c => c.Name));
        }
        while (answer.StopReason!.Value() == StopReason.ToolUse && called.Count < 5);

        Assert.Equal(["get_weather", "get_time"], called);
        Assert.Equal("It is: answer of get_time", TextOf(answer));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tool_choice_and_parallel_switch_are_kept(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        const string both = """[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]""";
        Task<Message> With(string prompt, ToolChoice choice) => client.Messages.Create(Ask(model, prompt) with { Tools = [Weather, Clock], ToolChoice = choice }, Cancellation);

        Assert.Single(CallsOf(await With("Hi", new ToolChoiceAny())));
        Assert.Equal("get_time", Assert.Single(CallsOf(await With("Hi", new ToolChoiceTool("get_time")))).Name);
        Assert.Empty(CallsOf(await With(both, new ToolChoiceNone())));
        Assert.Equal("get_weather", Assert.Single(CallsOf(await With(both, new ToolChoiceAuto { DisableParallelToolUse = true }))).Name);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Images_and_documents_arrive(Target target)
    {
        var (client, model) = await ClientAsync(target, "echo");
        List<ContentBlockParam> content =
        [
            new TextBlockParam { Text = "See" },
            new ImageBlockParam { Source = new Base64ImageSource { Data = Png, MediaType = MediaType.ImagePng } },
            new ImageBlockParam { Source = new UrlImageSource { Url = "https://example.com/cat.png" } },
            new DocumentBlockParam { Source = new Base64PdfSource { Data = Convert.ToBase64String("%PDF-1.4 small"u8) }, Title = "a.pdf" },
        ];
        var message = await client.Messages.Create(new MessageCreateParams { Model = model.Name, MaxTokens = 500, Messages = [new UserMessageParam(content)] }, Cancellation);

        Assert.Contains($"[image image/png {Convert.FromBase64String(Png).Length} bytes]", TextOf(message), StringComparison.Ordinal);
        Assert.Contains("[image https://example.com/cat.png]", TextOf(message), StringComparison.Ordinal);
        Assert.Contains("[document application/pdf 14 bytes]", TextOf(message), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Structured_output_fits_its_schema(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var schema = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"type":"object","properties":{"colour":{"type":"string","enum":["red","blue"]},"count":{"type":"integer","minimum":2}},"required":["colour","count"],"additionalProperties":false}""")!;
        var message = await client.Messages.Create(Ask(model, "Hi") with { OutputConfig = new OutputConfig { Format = new JsonOutputFormat { Schema = schema } } }, Cancellation);

        Assert.Equal("""{"colour":"red","count":2}""", JsonSerializer.Serialize(JsonDocument.Parse(TextOf(message)).RootElement));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Stop_sequences_and_token_limit_bound_the_answer(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var stopped = await client.Messages.Create(Ask(model, "[[say one two HALT three]]") with { StopSequences = ["HALT"] }, Cancellation);
        Assert.Equal("one two", TextOf(stopped).Trim());

        var (_, talker) = await ClientAsync(target, "text-60");
        var limited = await client.Messages.Create(Ask(talker, "Go") with { MaxTokens = 20 }, Cancellation);
        Assert.Equal(StopReason.MaxTokens, limited.StopReason!.Value());
        Assert.Equal(20, limited.Usage.OutputTokens);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tokens_are_counted_before_they_are_spent(Target target)
    {
        var (client, model) = await ClientAsync(target, "chat");
        var text = string.Concat(Enumerable.Repeat("Tell me of the sea and of the sand. ", 20));
        var counted = await client.Messages.CountTokens(new MessageCountTokensParams { Model = model.Name, Messages = [new UserMessageParam(text)] }, Cancellation);
        var spent = (await client.Messages.Create(Ask(model, text), Cancellation)).Usage.InputTokens;

        // Where the upstream has no counter, an estimate of the right size.
        var isEstimate = target is not (Target.Sandbox or Target.ViaMessages);
        Assert.InRange(counted.InputTokens, isEstimate ? spent / 2 : spent, isEstimate ? spent * 2 : spent);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Errors_are_the_right_exceptions(Target target)
    {
        var lost = await lab.ClientAsync(target);
        await FailsAsync<AnthropicUnauthorizedException>("authentication_error", new AnthropicClient { BaseUrl = Base(lost), ApiKey = "sk-wrong-key-of-nobody", MaxRetries = 0 }, LabModel.Of(lost.Prefix, "chat"));
        await FailsAsync<AnthropicNotFoundException>("not_found_error", await ClientAsync(target, "chat", "@404"));
        await FailsAsync<AnthropicBadRequestException>("invalid_request_error", await ClientAsync(target, "chat", "@400"));
        await FailsAsync<AnthropicRateLimitException>("rate_limit_error", await ClientAsync(target, "chat", "@429:retry-after=7"));
        await FailsAsync<Anthropic5xxException>(null, await ClientAsync(target, "chat", "@500"));
        await FailsAsync<Anthropic5xxException>(null, await ClientAsync(target, "chat", "@529"));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task An_error_in_the_stream_is_an_exception(Target target)
    {
        var (client, model) = await ClientAsync(target, "text-60", "@error-event-after=5@slow:tps=40");
        var events = 0;
        var e = await Assert.ThrowsAnyAsync<AnthropicException>(async () =>
        {
            await foreach (var _ in client.Messages.CreateStreaming(Ask(model, "Go"), Cancellation))
            {
                events++;
            }
        });

        Assert.True(events > 2, $"what came before it came through: {events} events, then {e.Message}");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Cancelled_stream_ends_at_the_vendor(Target target)
    {
        var (client, model) = await ClientAsync(target, "text-400", "@slow:tps=20");
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var events = 0;
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var _ in client.Messages.CreateStreaming(Ask(model, "Go"), cancellation.Token))
            {
                if (++events == 4)
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
        var (client, _) = await ClientAsync(target, "chat");
        var list = (await client.Models.List(cancellationToken: Cancellation)).Items;
        Assert.NotEmpty(list);
        Assert.Equal(list[0].ID, (await client.Models.Retrieve(list[0].ID, cancellationToken: Cancellation)).ID);
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => client.Models.Retrieve("no-such-model", cancellationToken: Cancellation));
    }

    private static string Base(LabClient client) => client.Address.GetLeftPart(UriPartial.Authority);

    private static Tool ToolOf(string name, string argument) => new()
    {
        Name = name,
        Description = "A tool of the tests",
        InputSchema = new InputSchema { Properties = new Dictionary<string, JsonElement> { [argument] = JsonSerializer.SerializeToElement(new { type = "string" }) }, Required = [argument] },
    };

    private static MessageCreateParams Ask(LabModel model, string text) => new() { Model = model.Name, MaxTokens = 1000, Messages = [new UserMessageParam(text)] };

    private async Task<(AnthropicClient Client, LabModel Model)> ClientAsync(Target target, string kind, string faults = "")
    {
        var client = await lab.ClientAsync(target);
        return (new AnthropicClient { BaseUrl = Base(client), ApiKey = client.Key, MaxRetries = 0 }, LabModel.Of(client.Prefix, kind, faults));
    }

    private static Task FailsAsync<T>(string? type, (AnthropicClient Client, LabModel Model) who)
        where T : AnthropicApiException => FailsAsync<T>(type, who.Client, who.Model);

    private static async Task FailsAsync<T>(string? type, AnthropicClient client, LabModel model)
        where T : AnthropicApiException
    {
        var e = await Assert.ThrowsAnyAsync<T>(() => client.Messages.Create(Ask(model, "Hi"), Cancellation));
        var error = JsonDocument.Parse(e.ResponseBody).RootElement;
        Assert.Equal("error", error.GetProperty("type").GetString());
        Assert.Equal(type ?? error.GetProperty("error").GetProperty("type").GetString(), error.GetProperty("error").GetProperty("type").GetString());
        Assert.False(string.IsNullOrEmpty(e.RequestID), $"no request-id on {e.StatusCode}");
    }

    private static string TextOf(Message message) => string.Concat(message.Content.Select(b => b.TryPickText(out var text) ? text!.Text : ""));

    private static List<ToolUseBlock> CallsOf(Message message) => [.. message.Content.Select(b => b.TryPickToolUse(out var call) ? call : null).OfType<ToolUseBlock>()];

    private static ContentBlockParam Back(ContentBlock block) =>
        block.TryPickThinking(out var thinking) ? new ThinkingBlockParam { Thinking = thinking!.Thinking, Signature = thinking.Signature }
        : block.TryPickToolUse(out var call) ? new ToolUseBlockParam { ID = call!.ID, Name = call.Name, Input = call.Input }
        : block.TryPickText(out var text) ? new TextBlockParam { Text = text!.Text }
        : throw new InvalidOperationException($"unexpected block {block.Type.Raw()}");

    private static void AssertUsage(SeenUsage served, Usage usage)
    {
        Assert.Equal(served.InputTotal, usage.InputTokens + (usage.CacheReadInputTokens ?? 0) + (usage.CacheCreationInputTokens ?? 0));
        Assert.Equal(served.OutputTotal, usage.OutputTokens);
    }
}
