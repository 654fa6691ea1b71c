using Trivet.WebConsole.Components.Forms;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages;

/// <summary>The spans of time that filters offer; the address takes any other too.</summary>
internal static class Spans
{
    private static readonly string[] Known = ["1h", "24h", "7d", "30d", "90d"];

    /// <param name="text">In whose words.</param>
    /// <param name="chosen">What the address says, offered too where it is none of ours.</param>
    /// <param name="withAll">Whether all time is offered, as the empty value.</param>
    public static IReadOnlyList<FieldOption> Options(ConsoleText text, string? chosen, bool withAll = true) =>
    [
        .. withAll ? [new FieldOption("", text["span.all"])] : (FieldOption[])[],
        .. Known.Select(span => new FieldOption(span, text["span." + span])),
        .. chosen is null || Known.Contains(chosen) ? [] : (FieldOption[])[new FieldOption(chosen, chosen)],
    ];
}
