using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>A coding agent from npm: how it is pointed at an address and started without a person, and how its tools are called.</summary>
/// <param name="Name">What reports and test names call it.</param>
/// <param name="Package">Where it comes from.</param>
/// <param name="Program">Its command.</param>
/// <param name="Protocol">The protocol that it speaks.</param>
internal sealed record Agent(string Name, NpmPackage Package, string Program, string Protocol)
{
    /// <summary>What the names of its models begin with; a name that an agent knows changes the tools that it offers.</summary>
    public string ModelPrefix { get; init; } = "";

    /// <summary>Its tools, as directives to the sandbox.</summary>
    public required AgentTools Tools { get; init; }

    /// <summary>The files it reads at its start, in its home.</summary>
    public required Func<AgentDesk, IEnumerable<(string Path, string Text)>> Files { get; init; }

    /// <summary>The variables it needs, beside those that every agent gets.</summary>
    public required Func<AgentDesk, IReadOnlyDictionary<string, string>> Environment { get; init; }

    /// <summary>Its arguments for a prompt.</summary>
    public required Func<AgentDesk, string, IReadOnlyList<string>> Arguments { get; init; }

    /// <summary>Reads what it says at its end out of the JSON lines that it prints.</summary>
    public required Func<IReadOnlyList<JsonElement>, AgentSaid> Said { get; init; }

    /// <summary>It forbids calls in parallel.</summary>
    public bool CallsOneByOne { get; init; }

    /// <summary>Runs under Node, so that what it may connect to can be held to loopback; a native program is given a proxy where nobody listens.</summary>
    public bool IsNode { get; init; }

    public override string ToString() => $"{Name} {Package.Version}";
}

/// <summary>What an agent answered in the end, and the tokens that it believes it used; null where it does not say.</summary>
internal sealed record AgentSaid(string Text, long? InputTokens, long? OutputTokens);

/// <summary>How one agent's tools are asked for: each function makes a directive for the sandbox.</summary>
internal sealed record AgentTools
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the file of that path.</summary>
    public required Func<string, string> Read { get; init; }

    /// <summary>Runs a shell command.</summary>
    public required Func<string, string> Run { get; init; }

    /// <summary>Writes a text to a path.</summary>
    public required Func<string, string, string> Write { get; init; }

    /// <summary>A call of any tool.</summary>
    public static string Call(string tool, params (string Name, string Value)[] arguments) =>
        $"[[tool {tool} {JsonSerializer.Serialize(arguments.ToDictionary(a => a.Name, a => a.Value), Json)}]]";
}
