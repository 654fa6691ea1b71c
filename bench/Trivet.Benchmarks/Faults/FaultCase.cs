using Trivet.Benchmarks.Parties;

namespace Trivet.Benchmarks.Faults;

/// <summary>One fault, staged at the primary upstream, and what a correct gateway makes of it.</summary>
/// <param name="Id">The published number; a letter behind it marks a variant of ours.</param>
/// <param name="Title">In a few words, for the scorecard.</param>
internal sealed record FaultCase(string Id, string Title)
{
    /// <summary>What follows the primary's model name.</summary>
    public required Func<FaultCell, string> Primary { get; init; }

    /// <summary>What follows the fallback's model name; null where the route has no fallback.</summary>
    public string? Fallback { get; init; } = "";

    /// <summary>The deadlines of both upstreams.</summary>
    public Func<FaultProfile, string> Deadlines { get; init; } = _ => "connect: 5s, first_content: 10s, idle: 10s, total: 60s";

    /// <summary>How many identical requests, one after another.</summary>
    public int Requests { get; init; } = 1;

    /// <summary>From the beginning of one request to the next; 0: when the one before has its answer.</summary>
    public Func<FaultProfile, int> PeriodMs { get; init; } = _ => 0;

    /// <summary>By when a request must have ended, whatever its end is. Without an end by thrice that, it hangs.</summary>
    public Func<FaultProfile, int> MsMax { get; init; } = _ => 8_000;

    /// <summary>What is wrong, in words; nothing where the case passes.</summary>
    public required Func<FaultEvidence, IEnumerable<string?>> Judge { get; init; }
}

/// <summary>One case in one client protocol over one upstream protocol, streamed or not. Each has two upstreams and a route of its own, so that no cell meets the health of another.</summary>
internal sealed record FaultCell(int Number, FaultCase Case, FaultProfile Profile, string Client, string Upstream, bool Stream)
{
    public string Route => $"c{Number}";

    public string PrimaryName => $"c{Number}-a";

    public string FallbackName => $"c{Number}-b";

    public string PrimaryModel => $"sandbox-text-{FaultRun.Tokens}-c{Number}{Case.Primary(this)}";

    public string? FallbackModel => Case.Fallback is { } fault ? $"sandbox-text-{FaultRun.Tokens}-c{Number}{fault}" : null;

    /// <summary>What the client says; by it the sandboxes' logs tell clients' requests from probes.</summary>
    public string Prompt => $"Say what cell c{Number} of the suite is to hear.";

    public override string ToString() => $"{Case.Id} {Client}:{Upstream} {(Stream ? "stream" : "whole")}";
}

/// <summary>What the books say of one upstream.</summary>
internal sealed record Booked(long Attempts, long Failed, long OutputTokens, long InputTokens, long CostNano)
{
    public static Booked Nothing { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>All that is known of a cell after it ran: the client's views, what both sandboxes logged of it, what was booked.</summary>
internal sealed record FaultEvidence(FaultCell Cell, IReadOnlyList<View> Views, IReadOnlyList<Served> Primary, IReadOnlyList<Served> Fallback, Booked PrimaryBooks, Booked FallbackBooks)
{
    public int Tries => Primary.Count + Fallback.Count;

    /// <summary>Seconds between the beginnings of tries at the primary.</summary>
    public IReadOnlyList<double> GapsS => [.. Primary.Zip(Primary.Skip(1), (a, b) => (b.Time - a.Time).TotalSeconds)];

    /// <summary>Null where a request got the whole answer.</summary>
    public string? NotWhole(int request = 0) => Views[request] is { Outcome: Outcome.Whole } ? null : Said(request);

    /// <summary>Null where a request got the whole answer or an error that says so.</summary>
    public string? NotWholeNorError(int request = 0) => Views[request] is { Outcome: Outcome.Whole or Outcome.ClearError } ? null : Said(request);

    /// <summary>Null where a request got an error of this status whose text holds one of these words.</summary>
    public string? NotError(int status, params string[] words) =>
        Views[0] is not { Outcome: Outcome.ClearError } view ? $"no clear error: {Said(0)}"
        : view.Reply.Status != status ? $"status {view.Reply.Status} instead of {status}: {view.Why}"
        : words.Length > 0 && !words.Any(w => view.Reply.Text.Contains(w, StringComparison.OrdinalIgnoreCase)) ? $"the reason does not reach the client: {view.Why}"
        : null;

    private string Said(int request) => (Views.Count > 1 ? $"request {request + 1}: " : "") + (Views[request].Outcome == Outcome.ClearError ? $"an error instead of the answer: {Views[request].Why}" : Views[request].Why);
}
