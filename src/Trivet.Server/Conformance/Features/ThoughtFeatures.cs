using Trivet.Server.Conformance.Oracle;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Thinking: asked for, shown, sent back.</summary>
internal static class ThoughtFeatures
{
    private const string Group = "Thinking";
    private const string Call = """[[think I should look.]] [[tool get_weather {"city":"Rome in {cell}"}]]""";

    private static readonly Talk Thinking = Talk.Asking("Why?") with { Thinking = "on", Effort = "high" };

    private static readonly Talk Looking = Samples.Asking(Call + "\n[[think So it is.]] [[say It was: {{result}}]]", Samples.Weather) with { Thinking = "on" };

    public static IReadOnlyList<Feature> All { get; } =
    [
        new(Group, "on, by effort", Thinking),
        new(Group, "on, low effort", Thinking with { Effort = "low" }),
        new(Group, "on, by budget", Talk.Asking("Why?") with { Thinking = "on", Budget = 2048 }),
        new(Group, "off", Talk.Asking("Why?") with { Thinking = "off" }),
        new(Group, "thoughts in the answer", Talk.Asking("Why?")) { Model = "think-40" },
        new(Group, "thoughts and a call", Samples.Asking(Call, Samples.Weather)),
        new(Group, "a loop with thoughts, by effort", Looking with { Effort = "medium" }) { Model = "chat-strict", Next = (talk, heard) => Loop.Answer(talk, heard, "Sunny.") },
        new(Group, "a loop with thoughts, by budget", Looking with { Budget = 2048 }) { Model = "chat-strict", Next = (talk, heard) => Loop.Answer(talk, heard, "Sunny.") },
        new(Group, "thoughts sent back without calls", Talk.Asking("[[think Hm.]] [[say Yes, and this is what was said in cell {cell} of the matrix.]]") with { Thinking = "on", Effort = "medium" }) { Next = (talk, heard) => Loop.GoOn(talk, heard, Piece.OfText("And now?")) },
        new(Group, "redacted thoughts", Thinking) { Respond = """{"content":[{"type":"redacted"},{"type":"text","text":"Yes, and this is what was said in cell {cell} of the matrix."}]}""", Next = (talk, heard) => Loop.GoOn(talk, heard, Piece.OfText("And now?")), Returns = new Fact("assistant.thought", "withheld") },
        new(Group, "redacted thoughts and a call", Thinking with { Tools = [Samples.Weather] })
        {
            Respond = """{"content":[{"type":"redacted"},{"type":"tool_call","name":"get_weather","arguments":{"city":"Rome in {cell}"}}]}""",
            Next = (talk, heard) => Loop.Answer(talk, heard, "Sunny."),
            Returns = new Fact("assistant.thought", "withheld"),
        },
    ];
}
