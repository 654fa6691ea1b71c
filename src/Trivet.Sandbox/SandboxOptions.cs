namespace Trivet.Sandbox;

/// <summary>How a sandbox listens and what it accepts.</summary>
public sealed class SandboxOptions
{
    /// <summary>Where to listen. Port 0 takes a free one; <see cref="SandboxHost.Address"/> says which.</summary>
    public Uri Listen { get; init; } = new("http://127.0.0.1:0");

    /// <summary>The API keys to accept. Empty: any non-empty key.</summary>
    public IReadOnlyCollection<string> ApiKeys { get; init; } = [];

    /// <summary>The clock behind delays, cache expiry and time stamps.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Decides generated text, ids and signatures. Two sandboxes with different seeds reject each other's signatures.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many requests the log keeps; 0 keeps none.</summary>
    public int LogEntriesMax { get; init; } = 1000;

    /// <summary>How many bytes of request bodies the log keeps in all; the oldest bodies go first.</summary>
    public long LogBodyBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Whether the log keeps the bodies of answers as they went out, without bound: for tests.</summary>
    public bool LogsAnswers { get; init; }

    /// <summary>What it says of the account that asks.</summary>
    public SandboxAccount Account { get; init; } = new();

    /// <summary>Bodies above this are answered 413.</summary>
    public long BodyBytesMax { get; init; } = 64 * 1024 * 1024;
}
