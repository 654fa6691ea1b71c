using System.Text;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>
/// A conversation as an agent holds it: one task, then turns in each of which the model thinks, says something and calls two tools in parallel, until it is
/// done. The task's own text tells the sandbox what to do in each turn, whichever model is asked.
/// </summary>
internal static class AgentScript
{
    public const int Turns = 12;

    public static string Task { get; } = MakeTask();

    /// <summary>What the tools answer.</summary>
    public static string ResultOf(string path) => $"contents of {path}";

    public static string Thought(int turn) => $"I wonder about step {turn} of the long way";

    public static string Said(int turn) => $"Now step {turn}.";

    public static string[] Paths(int turn) => [$"left-{turn}.txt", $"right-{turn}.txt"];

    private static string MakeTask()
    {
        var task = new StringBuilder();
        for (var turn = 1; turn < Turns; turn++)
        {
            task.Append($"[[think {Thought(turn)}]] [[say {Said(turn)}]]");
            foreach (var path in Paths(turn))
                task.Append($$""" [[tool Read {"path":"{{path}}"}]]""");
            task.Append('\n');
        }

        return task.Append($"[[think {Thought(Turns)}]] [[say done with all {Turns} steps]]").ToString();
    }
}
