using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Conversations;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Replay;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Connections;
using Trivet.Sandbox;
using Trivet.Tests.Keys;
using Trivet.Tests.Limits;
using Trivet.Tests.Replay;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Failures;

/// <summary>
/// The relay in this process before two sandboxes, <c>a</c> and <c>b</c>: each is an upstream once per protocol (<c>a-openai-chat</c>, …), so that any client
/// protocol meets any upstream protocol. Nothing but the server's own lines is missing.
/// </summary>
internal sealed class RelayRig : IAsyncDisposable
{
    private const string Secret = "trv_a-key-for-failure-tests";

    private readonly UpstreamStates _upstreams = new(TimeProvider.System);
    private readonly MediaConnections _media = new();
    private readonly TrivetMetrics _metrics = new();
    private readonly RelayPipeline _relay;
    private readonly RecoveryLoop _recovery;
    private Trivet.Core.Keys.KeySnapshot _keys = KeyTestData.Snapshot(KeyTestData.Record(Secret));

    private RelayRig(SandboxHost a, SandboxHost b)
    {
        (A, B) = (a, b);
        var time = TimeProvider.System;
        _recovery = new RecoveryLoop(new UpstreamProbe(time), Health, time, NullLogger<RecoveryLoop>.Instance);
        _relay = new RelayPipeline(
            _upstreams, new MediaFetcher(_media), Health, _recovery, new Bookkeeper(Spool), new ReplayMemory(new FakeReplayStore(), time), new ResponseMemory(new NoResponses(), time),
            FakeLeaseStore.Gate(time), Load, new TokenLearner(), _metrics, time, NullLogger<RelayPipeline>.Instance, feedback: Feedback = new FeedbackDesk(Verdicts, new Trivet.Tests.Relay.FeedbackTests.Traces(""), Health, time));
    }

    public static IReadOnlyList<string> Protocols { get; } = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"];

    public SandboxHost A { get; }

    public SandboxHost B { get; }

    public HealthBoard Health { get; } = new();

    public FeedbackDesk Feedback { get; }

    internal Trivet.Tests.Relay.FeedbackTests.FakeStore Verdicts { get; } = new();

    public LoadGate Load { get; } = new(TimeProvider.System);

    public RelayPipeline Relay => _relay;

    /// <summary>The client that asked last.</summary>
    public FakeExchange? Asking { get; private set; }

    public RecordingSpool Spool { get; } = new();

    /// <summary>Deadlines of every upstream.</summary>
    public string Deadlines { get; set; } = "{ connect: 2s, first_content: 60s, idle: 30s, total: 120s }";

    /// <summary>Further lines of the configuration's top level.</summary>
    public string More { get; set; } = "";

    /// <summary>What is done to the configuration before it is in force.</summary>
    public Func<GatewayConfig, GatewayConfig> Change { get; set; } = static config => config;

    public string Vendor { get; set; } = "custom";

    /// <summary>What every upstream charges; empty for nothing that is known.</summary>
    public string Price { get; set; } = "";

    public string Keys { get; set; } = "[\"k1\"]";

    /// <summary>The policy that is kept with the client's key.</summary>
    public string KeyPolicy
    {
        set => _keys = KeyTestData.Snapshot(KeyTestData.Record(Secret, "laptop") with { Policy = value });
    }

    public static async Task<RelayRig> StartAsync() => new(await SandboxServer.StartAsync(new SandboxOptions()), await SandboxServer.StartAsync(new SandboxOptions()));

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _recovery.DisposeAsync();
        await A.DisposeAsync();
        await B.DisposeAsync();
        _upstreams.Dispose();
        _media.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Asks the route whose candidates are models of the sandboxes: <c>a:sandbox-text-60@503</c>, in this order.</summary>
    /// <param name="client">The client's protocol.</param>
    /// <param name="upstream">That of every upstream.</param>
    /// <param name="stream">It wants a stream.</param>
    /// <param name="candidates">Who may answer.</param>
    /// <param name="route">Further lines of the route.</param>
    /// <param name="prompt">What it asks.</param>
    /// <param name="tools">It brings a tool.</param>
    /// <param name="session">The session that it names; null for none.</param>
    /// <param name="policy">The policy that it asks for; null for none.</param>
    /// <param name="feedback">What it says of the answer before; null for nothing.</param>
    /// <param name="leaves">Completes when the client leaves; null: it stays.</param>
    public async Task<ClientAnswer> AskAsync(string client, string upstream, bool stream, string[] candidates, string route = "", string prompt = "Go on.", bool tools = false, Task? leaves = null, string? session = null, string? policy = null, string? feedback = null)
    {
        var snapshot = GatewaySnapshot.Compile(Change(Read(upstream, candidates, route)));
        using var exchange = new FakeExchange(Secret, PathOf(client), Encoding.UTF8.GetBytes(BodyOf(client, stream, prompt, tools ? ToolsOf(client) : ""))) { Session = session, Policy = policy, Feedback = feedback };
        Asking = exchange;
        _ = leaves?.ContinueWith(_ => exchange.Abort(), TaskScheduler.Default);
        await _relay.RunAsync(exchange, ProtocolOf(client), snapshot, _keys, client == "gemini" ? new PathTarget("r", stream ? StreamForm.Events : StreamForm.Whole) : null);
        return new ClientAnswer(client, stream, exchange.Status, exchange.Headers, exchange.Written());
    }

    private GatewayConfig Read(string upstream, string[] candidates, string route)
    {
        var yaml = new StringBuilder(More).Append("\nupstreams:\n");
        foreach (var (name, host) in new[] { ("a", A), ("b", B) })
        {
            foreach (var protocol in Protocols)
                yaml.Append($"  - {{ name: {name}-{protocol}, vendor: {Vendor}, keys: {Keys}, deadlines: {Deadlines},{(Price.Length == 0 ? "" : $" price: {Price},")} endpoints: {{ {protocol}: \"{host.Address.GetLeftPart(UriPartial.Authority)}{BaseOf(protocol)}\" }} }}\n");
        }

        yaml.Append("routes:\n  - model: r\n");
        if (route.Length > 0)
            yaml.Append("    ").Append(route).Append('\n');
        yaml.Append("    candidates:\n");
        foreach (var candidate in candidates)
        {
            var (place, model) = (candidate[..candidate.IndexOf(':', StringComparison.Ordinal)], candidate[(candidate.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            yaml.Append($"      - {{ upstream: {place}-{upstream}, model: \"{model}\" }}\n");
        }

        var reading = ConfigReader.Read(yaml.ToString(), new ConfigSource("/none/trivet.yaml"), _ => null);
        Assert.True(reading.Config is not null, string.Join('\n', reading.Problems) + "\n" + yaml);
        return reading.Config!;
    }

    private static Protocol ProtocolOf(string name) => name switch
    {
        "openai-chat" => Protocol.OpenAIChat,
        "openai-responses" => Protocol.OpenAIResponses,
        "anthropic-messages" => Protocol.AnthropicMessages,
        _ => Protocol.Gemini,
    };

    private static string BaseOf(string protocol) => protocol switch { "anthropic-messages" => "", "gemini" => "/v1beta", _ => "/v1" };

    private static string PathOf(string protocol) => protocol switch
    {
        "openai-chat" => "/v1/chat/completions",
        "openai-responses" => "/v1/responses",
        "anthropic-messages" => "/v1/messages",
        _ => "/v1beta/models/r",
    };

    private static string BodyOf(string client, bool stream, string prompt, string tools)
    {
        var text = JsonSerializer.Serialize(prompt);
        var isStream = stream ? "true" : "false";
        return client switch
        {
            "openai-chat" => $$"""{"model":"r","stream":{{isStream}},{{tools}}{{(stream ? "\"stream_options\":{\"include_usage\":true}," : "")}}"messages":[{"role":"user","content":{{text}}}]}""",
            "openai-responses" => $$"""{"model":"r","stream":{{isStream}},"store":false,{{tools}}"input":{{text}}}""",
            "anthropic-messages" => $$"""{"model":"r","stream":{{isStream}},"max_tokens":1000,{{tools}}"messages":[{"role":"user","content":{{text}}}]}""",
            _ => $$"""{ {{tools}}"contents":[{"role":"user","parts":[{"text":{{text}}}]}]}""",
        };
    }

    private static string ToolsOf(string client)
    {
        const string Schema = """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";
        return client switch
        {
            "openai-chat" => $$$""" "tools":[{"type":"function","function":{"name":"read","parameters":{{{Schema}}}}}], """,
            "openai-responses" => $$$""" "tools":[{"type":"function","name":"read","parameters":{{{Schema}}}}], """,
            "anthropic-messages" => $$$""" "tools":[{"name":"read","input_schema":{{{Schema}}}}], """,
            _ => $$$""" "tools":[{"functionDeclarations":[{"name":"read","parametersJsonSchema":{{{Schema}}}}]}], """,
        };
    }

    /// <summary>Keeps the records.</summary>
    internal sealed class RecordingSpool : ISpool
    {
        private readonly List<object> _records = [];

        public SpoolState State => SpoolState.Open;

        public IReadOnlyList<AttemptRecord> Attempts
        {
            get
            {
                lock (_records)
                    return [.. _records.Select(record => record is RequestWithAttempt both ? both.Attempt : record as AttemptRecord).OfType<AttemptRecord>().OrderBy(attempt => attempt.Ordinal)];
            }
        }

        public IReadOnlyList<RequestRecord> Requests
        {
            get
            {
                lock (_records)
                    return [.. _records.Select(record => record is RequestWithAttempt both ? both.Request : record as RequestRecord).OfType<RequestRecord>()];
            }
        }

        public bool Append(SpoolRecordKind kind, ReadOnlySpan<byte> payload, object? value = null)
        {
            lock (_records)
                _records.Add(value!);
            return true;
        }
    }

    private sealed class NoResponses : IResponseStore
    {
        public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<StoredResponse> responses, CancellationToken cancellationToken) => new((StoreOutcome<int>)responses.Count);

        public ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> ChainAsync(string organisation, string keyId, string id, long nowMs, CancellationToken cancellationToken) => None();

        public ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> FindByItemsAsync(string organisation, string keyId, IReadOnlyList<string> itemIds, long nowMs, CancellationToken cancellationToken) => None();

        public ValueTask<StoreOutcome<bool>> DeleteAsync(string organisation, string keyId, string id, CancellationToken cancellationToken) => new((StoreOutcome<bool>)false);

        public ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken) => new((StoreOutcome<int>)0);

        private static ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> None() => new(StoreOutcome.Of<IReadOnlyList<StoredResponse>>([]));
    }
}

/// <summary>A client whose answer is kept.</summary>
internal sealed class FakeExchange(string key, string path, byte[] body) : IClientExchange, IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly CancellationTokenSource _aborted = new();
    private PipeWriter? _writer;

    public int Status { get; private set; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string Path => path;

    public PipeReader Body { get; } = PipeReader.Create(new MemoryStream(body));

    public long? ContentLength => body.Length;

    public CancellationToken Aborted => _aborted.Token;

    public PipeWriter Output => _writer ??= PipeWriter.Create(_output);

    public ReadOnlyMemory<char> PresentedKey => key.AsMemory();

    public void Dispose() => _aborted.Dispose();

    public string? Session { get; init; }

    public string? Policy { get; init; }

    public string? Feedback { get; init; }

    public string? Header(string name) => name switch { "x-trivet-session" => Session, "x-trivet-policy" => Policy, "x-trivet-feedback" => Feedback, _ => null };

    public void CopyHeadersTo(HttpRequestMessage request)
    {
    }

    public void SetHeader(string name, string value) => Headers[name] = value;

    public void Start(int status, string contentType, long? contentLength) => Status = status;

    public void Abort() => _aborted.Cancel();

    public string Written()
    {
        _writer?.Complete();
        return Encoding.UTF8.GetString(_output.ToArray());
    }
}
