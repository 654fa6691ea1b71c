using Trivet.Server.Conformance.Oracle;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>One thing that a client may want of a model: how it is asked for, how the sandbox answers, and what else must be true.</summary>
/// <param name="Group">The table it stands in.</param>
/// <param name="Name">What it is called there.</param>
/// <param name="Talk">The first request.</param>
internal sealed record Feature(string Group, string Name, Talk Talk)
{
    /// <summary>The next request, from the first and its answer; null: there is none.</summary>
    public Func<Talk, Heard, Talk>? Next { get; init; }

    /// <summary>The sandbox's model, behind <c>sandbox-</c>.</summary>
    public string Model { get; init; } = "chat";

    /// <summary>Faults and styles of the sandbox, behind the model's name.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>A scripted answer: the <c>respond</c> of the sandbox's script. <c>{cell}</c> in it is the cell's number.</summary>
    public string? Respond { get; init; }

    /// <summary>Words by which a refusal may name what it refuses.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public bool IsStreamedOnly { get; init; }

    public bool IsWholeOnly { get; init; }

    /// <summary>Not a request for an answer but for a count of tokens.</summary>
    public bool IsCount { get; init; }

    /// <summary>The client should get an error with one of these statuses.</summary>
    public IReadOnlyList<int> ErrorStatuses { get; init; } = [];

    /// <summary>The answer should break off with an error after it has begun.</summary>
    public bool BreaksOff { get; init; }

    /// <summary>The vendor gives nothing that may be passed on as it is (its quarrel with the gateway's own key, no answer at all): the client is told in the gateway's words, in every protocol.</summary>
    public bool IsGateways { get; init; }

    /// <summary>A fact about the next request that only the vendor can read: opaque data that must come back, wherever it is kept meanwhile. Asked of vendors that have such data.</summary>
    public Fact? Returns { get; init; }

    /// <summary>What else of the vendor's answer, given as it went out, the client must have heard: the word for it, where it is lost.</summary>
    public Func<Heard, string, string?>? Check { get; init; }
}
