using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Generated conversations and answers: any mixture of what the canonical form can say and a client could have sent.</summary>
internal static class Conversations
{
    private static readonly string[] Names = ["get_weather", "read-file", "Bash", "fs.read", "mcp__server__tool", "x", new('n', 70), "werkzeug_ä"];

    private static readonly string[] Words = ["Hello.", "naïve 日本語 😀", "line\nbreak", "\"quoted\" \\ back", " padded ", "{\"json\":true}", "tab\there", "a", "</think>", "Error: no"];

    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""", """{"type":"object","properties":{}}""",
        """{"type":"object","properties":{"n":{"type":"integer","minimum":0},"o":{"type":"object","properties":{"b":{"type":"boolean"}}}},"additionalProperties":false}""",
    ];

    public static Arbitrary<CanonicalRequest> Requests { get; } = Request().ToArbitrary();

    public static Arbitrary<CanonicalResponse> Answers { get; } = Answer().ToArbitrary();

    private static Gen<CanonicalRequest> Request() =>
        from origin in Gen.Elements(Enum.GetValues<Protocol>())
        from system in Gen.Elements(Words).ListOf(2)
        from exchanges in Exchange().NonEmptyListOf()
        from question in UserTurn()
        from tools in Tool().ListOf()
        from settings in Settings()
        select Build(origin, system.Where(s => s.Length % 2 == 0), exchanges, question, tools, settings);

    private static CanonicalRequest Build(Protocol origin, IEnumerable<string> system, IList<List<Turn>> exchanges, Turn question, IList<Tool> tools, Action<CanonicalRequest> settings)
    {
        var request = new CanonicalRequest { Origin = origin, Model = "m" };
        foreach (var text in system)
        {
            var turn = new Turn(Role.System) { IsPlainString = true };
            turn.Blocks.Add(new TextBlock(text));
            request.Turns.Add(turn);
        }

        var number = 0;
        foreach (var turn in exchanges.Take(4).SelectMany(e => e))
        {
            foreach (var block in turn.Blocks)
            {
                if (block is ToolCallBlock call)
                    call.Id = $"call_{number++}";
            }

            request.Turns.Add(turn);
            var calls = turn.Blocks.OfType<ToolCallBlock>().ToList();
            if (calls.Count > 0)
                request.Turns.Add(Results(calls));
        }

        request.Turns.Add(question);
        foreach (var tool in tools.DistinctBy(t => t.Name.ToString()))
            request.Tools.Add(tool);
        settings(request);
        if (request.Tools.Count == 0)
            (request.ToolChoice, request.ParallelToolCalls) = (null, null);
        else if (request.ToolChoice is { Mode: ToolChoiceMode.Named })
            request.ToolChoice = new ToolChoice(ToolChoiceMode.Named) { Name = request.Tools[0].Name };
        return request;
    }

    private static Turn Results(List<ToolCallBlock> calls)
    {
        var turn = new Turn(Role.User);
        foreach (var (at, call) in calls.Index())
        {
            var result = new ToolResultBlock { CallId = call.Id, Name = call.Name, IsError = at % 3 == 1 ? true : null, IsPlainString = true };
            result.Content.Add(new TextBlock($"result {at} of {call.Id}"));
            turn.Blocks.Add(result);
        }

        return turn;
    }

    private static Gen<List<Turn>> Exchange() =>
        from user in UserTurn()
        from assistant in AssistantTurn()
        select new List<Turn> { user, assistant };

    private static Gen<Turn> UserTurn() =>
        from blocks in Gen.Frequency((6, Text()), (1, Image())).NonEmptyListOf()
        select TurnOf(Role.User, blocks.Take(3).Prepend(new TextBlock("Question:")));

    private static Gen<Turn> AssistantTurn() =>
        from text in Text()
        from calls in Call().ListOf()
        from thought in Gen.Elements("", "Let me see…")
        from order in Gen.Choose(0, 2)
        select TurnOf(Role.Assistant, [.. thought.Length > 0 ? [new ReasoningBlock { Text = thought }] : Array.Empty<Block>(), .. order > 0 || calls.Count == 0 ? [text] : Array.Empty<Block>(), .. calls.Take(3)]);

    private static Turn TurnOf(Role role, IEnumerable<Block> blocks)
    {
        var turn = new Turn(role);
        turn.Blocks.AddRange(blocks);
        return turn;
    }

    private static Gen<Block> Text() => Gen.Elements(Words).Select(text => (Block)new TextBlock(text));

    private static Gen<Block> Image() => Gen.Elements("iVBORw0KGgo=", "R0lGODlhAQABAAAAACw=").Select(data => (Block)new MediaBlock(MediaKind.Image) { MediaType = "image/png", Data = data });

    private static Gen<Block> Call() =>
        from name in Gen.Elements(Names)
        from arguments in Gen.Elements(Words.Select(w => $$"""{"a":{{JsonSerializer.Serialize(w)}},"n":1.5}""").Append("{}").ToArray())
        select (Block)new ToolCallBlock { Name = name, Arguments = Encoding.UTF8.GetBytes(arguments) };

    private static Gen<Tool> Tool() =>
        from name in Gen.Elements(Names)
        from description in Gen.Elements(Words)
        from schema in Gen.Elements(Schemas)
        from strict in Gen.Elements<bool?>(null, true, false)
        select new Tool { Name = name, Description = description, Parameters = new RawJson(Encoding.UTF8.GetBytes(schema)), Strict = strict };

    private static Gen<Action<CanonicalRequest>> Settings() =>
        from stream in Gen.Elements(true, false)
        from limit in Gen.Elements<long?>(null, 64, 4096)
        from stops in Gen.Elements<string[]>([], ["END"], ["\n\nHuman:", "STOP", "###"])
        from temperature in Gen.Elements<double?>(null, 0, 0.7, 1)
        from topP in Gen.Elements<double?>(null, 0.9)
        from topK in Gen.Elements<int?>(null, 40)
        from penalties in Gen.Elements<double?>(null, 0.5)
        from seed in Gen.Elements<long?>(null, 42)
        from choice in Gen.Elements<ToolChoice?>(null, new(ToolChoiceMode.Auto), new(ToolChoiceMode.Any), new(ToolChoiceMode.None), new(ToolChoiceMode.Named))
        from parallel in Gen.Elements<bool?>(null, true, false)
        from effort in Gen.Elements<string?>(null, "low", "medium", "high")
        from form in Gen.Elements<OutputFormat?>(null, new(OutputFormatKind.JsonObject), new(OutputFormatKind.JsonSchema) { Name = "answer", Schema = new RawJson(Encoding.UTF8.GetBytes(Schemas[0])), Strict = true })
        from user in Gen.Elements<string?>(null, "user-1")
        select new Action<CanonicalRequest>(request =>
        {
            (request.Stream, request.MaxOutputTokens, request.ToolChoice, request.ParallelToolCalls, request.OutputFormat) = (stream, limit, choice, parallel, form);
            request.StopSequences.AddRange(stops.Select(s => (JsonText)s));
            request.Sampling = new Sampling { Temperature = temperature, TopP = topP, TopK = topK, FrequencyPenalty = penalties, PresencePenalty = penalties, Seed = seed };
            request.Reasoning = effort is null ? null : new ReasoningRequest { Effort = effort };
            request.User = user;
        });

    private static Gen<CanonicalResponse> Answer() =>
        from origin in Gen.Elements(Enum.GetValues<Protocol>())
        from thought in Gen.Elements("", "Let me see…", "日本語 😀")
        from texts in Gen.Elements(Words).ListOf()
        from calls in Call().ListOf()
        from stop in Gen.Elements(StopReason.EndTurn, StopReason.MaxTokens, StopReason.ContentFilter)
        from input in Gen.Choose(1, 100_000)
        from cached in Gen.Choose(0, 50_000)
        from output in Gen.Choose(1, 10_000)
        from reasoning in Gen.Choose(0, 5_000)
        select Build(origin, thought, texts, calls, stop, new Usage { InputUncached = input, CacheRead = cached, OutputText = output, OutputReasoning = reasoning });

    private static CanonicalResponse Build(Protocol origin, string thought, IList<string> texts, IList<Block> calls, StopReason stop, Usage usage)
    {
        var answer = new CanonicalResponse { Origin = origin, Id = "id1", Model = "m", CreatedAt = 1_700_000_000, StopReason = calls.Count > 0 && stop == StopReason.EndTurn ? StopReason.ToolCalls : stop, Usage = usage };
        if (thought.Length > 0)
            answer.Blocks.Add(new ReasoningBlock { Text = thought });
        if (texts.Count > 0)
            answer.Blocks.Add(new TextBlock(string.Concat(texts)));
        foreach (var (at, call) in calls.Take(4).OfType<ToolCallBlock>().Index())
        {
            call.Id = $"call_{at}";
            answer.Blocks.Add(call);
        }

        return answer;
    }
}
