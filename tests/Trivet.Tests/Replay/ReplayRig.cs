using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Replay;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Tests.Replay;

/// <summary>One node's memory over a store, and the steps of a conversation: an answer is captured, a request is planned.</summary>
internal sealed class ReplayRig
{
    public static readonly OpaqueOrigin Claude = new("anthropic", Protocol.AnthropicMessages);
    public static readonly OpaqueOrigin Kimi = new("moonshot", Protocol.AnthropicMessages);
    public static readonly OpaqueOrigin Gemini = new("google", Protocol.Gemini);
    public static readonly OpaqueOrigin DeepSeek = new("deepseek", Protocol.OpenAIChat);

    private readonly ManualTime _time;

    public ReplayRig(FakeReplayStore? store = null, ManualTime? time = null)
    {
        (Store, _time) = (store ?? new FakeReplayStore(), time ?? new ManualTime());
        Memory = new ReplayMemory(Store, _time);
        Writer = new ReplayWriterLoop(Memory, Store, _time, NullLogger<ReplayWriterLoop>.Instance);
    }

    public FakeReplayStore Store { get; }

    public ReplayMemory Memory { get; }

    public ReplayWriterLoop Writer { get; }

    public ReplayScope Scope { get; set; } = new("org", "org\nkey", new ReplayConfig());

    public LossList Losses { get; private set; } = new();

    /// <summary>What the client says before each answer.</summary>
    public string Said { get; set; } = "Go on.";

    /// <summary>An answer goes by; what the client gets of it comes back.</summary>
    public CanonicalResponse Answer(OpaqueOrigin origin, Protocol client, int turnOrdinal, params Block[] blocks)
    {
        var response = new CanonicalResponse { Origin = origin.Protocol, StopReason = StopReason.EndTurn };
        response.Blocks.AddRange(blocks);
        var folder = new ResponseFolder(client);
        var room = ReplaySink.RoomIn(client);
        ResponsePlayer.Play(response, new ReplaySink(folder, new ReplayCapture(Memory, Scope, origin, turnOrdinal, ReplayDigests.Said([Question()], 1), wantsThoughts: true, showsBlobs: room is null), room));
        return folder.Response;
    }

    /// <summary>The last turn of a conversation as an upstream would get it.</summary>
    public async Task<List<Block>> SendAsync(OpaqueOrigin target, IEnumerable<Block> assistant, bool demands = false, bool stripped = false)
    {
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat };
        request.Turns.Add(Question());
        request.Turns.Add(new Turn(Role.Assistant));
        request.Turns[1].Blocks.AddRange(assistant);
        var plan = await ReplayPlan.MakeAsync(request, Memory, Scope, TestContext.Current.CancellationToken);
        Losses = new LossList();
        plan!.Apply(target, demands, refusesUnthought: false, stripped, Losses);
        return request.Turns[1].Blocks;
    }

    private Turn Question()
    {
        var turn = new Turn(Role.User);
        turn.Blocks.Add(new TextBlock(Said));
        return turn;
    }

    public static ToolCallBlock Call(string id, string name = "read", string arguments = """{"path":"a.txt"}""") => new() { Id = id, Name = name, Arguments = Encoding.UTF8.GetBytes(arguments) };

    public static ReasoningBlock Thought(string text, string? signature = null) => new() { Text = text, Signature = signature };
}
