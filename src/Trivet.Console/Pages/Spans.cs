using System.Globalization;
using Trivet.WebConsole.Components.Forms;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages;

/// <summary>The spans of time that filters offer; the address takes any other too.</summary>
internal static class Spans
{
    private static readonly string[] Known = ["1h", "24h", "7d", "30d", "90d"];

    /// <summary>A time as <c>since</c> and <c>until</c> take it.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A page's address for one day of the reader's.</summary>
    public static string Day(PageLink link, ConsoleText text, DateOnly day) => link.With("since", At(text.StartOf(day))).With("until", At(text.StartOf(day.AddDays(1)))).ToString();

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
