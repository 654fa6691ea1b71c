using System.Collections.Concurrent;
using System.Globalization;
using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Protocols;
using Trivet.Sandbox.Scripts;
using Trivet.Sandbox.Streaming;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox;

/// <summary>All that one sandbox remembers between requests.</summary>
internal sealed class SandboxState
{
    private readonly string _epoch;
    private long _requests;
    private long _samples;

    public SandboxState(SandboxOptions options)
    {
        Options = options;
        Log = new SandboxLog(options.LogEntriesMax, options.LogBodyBytesMax);
        Faults = new FaultBook(options.Time, options.Seed);
        Cache = new PromptCache(options.Time);
        Ids = new CallIds(options.Seed);
        Signatures = new Signatures(options.Seed);
        Assistant = new ScriptedAssistant(new SandboxText(options.Seed), Ids, Key);
        Waiting = new Waiting(options.Time);

        // Ids differ between runs, so that a conversation that outlives a sandbox never meets the same call id twice.
        _epoch = options.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    }

    public SandboxOptions Options { get; }

    public SandboxLog Log { get; }

    public FaultBook Faults { get; }

    public ScriptBook Scripts { get; } = new();

    public PromptCache Cache { get; }

    public CallIds Ids { get; }

    public Signatures Signatures { get; }

    public AnswerKey Key { get; } = new();

    /// <summary>Answers that a vendor gives again instead of asking its model.</summary>
    public ConcurrentDictionary<string, Answer> Repeated { get; } = new(StringComparer.Ordinal);

    public ScriptedAssistant Assistant { get; }

    public Waiting Waiting { get; }

    public string NextRequestId() => string.Create(CultureInfo.InvariantCulture, $"req_sandbox_{_epoch}_{Interlocked.Increment(ref _requests)}");

    /// <summary>Randomness of one more answer: by the sandbox's seed and how many came before, so that a run can be repeated.</summary>
    public ulong NextSample() => unchecked((ulong)Options.Seed * 0x9E3779B97F4A7C15 + (ulong)Interlocked.Increment(ref _samples) * 0xD1B54A32D192ED03);

    public void Reset()
    {
        Log.Clear();
        Scripts.Clear();
        Faults.Clear();
        Cache.Clear();
        Key.Clear();
        Repeated.Clear();
    }
}
