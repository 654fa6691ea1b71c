using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Scorecards;
using Trivet.WebConsole.Charts;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Components;

/// <summary>How measured things are said: the same words and tones on every page.</summary>
internal static class Words
{
    /// <summary>The tone of a state.</summary>
    public static string Tone(OfferingState state) => state switch
    {
        OfferingState.Well => "good",
        OfferingState.Down => "bad",
        OfferingState.Unsteady or OfferingState.Doubtful or OfferingState.Resting => "warn",
        _ => "plain",
    };

    /// <summary>How several are together: as the worst of them that is asked, where none is well; wavering where some are.</summary>
    public static OfferingState Together(IReadOnlyCollection<OfferingState> states)
    {
        var asked = states.Where(state => state is not (OfferingState.NotAsked or OfferingState.Disabled)).ToList();
        if (asked.Count == 0)
            return states.Count > 0 && states.All(state => state == OfferingState.Disabled) ? OfferingState.Disabled : OfferingState.NotAsked;
        var worst = asked.Max();
        return worst == OfferingState.Down && asked.Exists(state => state != OfferingState.Down) ? OfferingState.Unsteady : worst;
    }

    /// <summary>A share with its interval: <c>99.2 % (97.1 % – 99.9 %)</c>.</summary>
    public static string Share(this ConsoleText text, Estimate share) =>
        share.IsKnown ? $"{text.Percent(share.Value)} ({text.Percent(share.Low)} – {text.Percent(share.High)})" : text["common.unknown"];

    /// <summary>A failure of the books in words; ours where the reader's language has none for it.</summary>
    public static string Failure(this ConsoleText text, string kind) => text.Find("failure." + kind) ?? UpstreamAdmin.InWords(kind);

    /// <summary>A span, where one is known.</summary>
    public static string SpanOrUnknown(this ConsoleText text, TimeSpan? span) => span is { } known ? text.Span(known) : text["common.unknown"];

    /// <summary>A price of a million tokens of one kind, from pico-units for each.</summary>
    public static string PerMillion(this ConsoleText text, long? pico, string currency) => pico is { } known ? text.Money(known * 1000, currency) : text["common.unknown"];

    /// <summary>Offerings on the triangle, their prices compared in one currency.</summary>
    /// <param name="text">The reader's language.</param>
    /// <param name="views">Of one route.</param>
    /// <param name="inCommon">What a million tokens cost in the common currency; null where that is not known.</param>
    /// <param name="currency">The common currency.</param>
    /// <param name="href">What an offering's name leads to.</param>
    public static IReadOnlyList<TriangleOffering> Triangle(this ConsoleText text, IReadOnlyList<OfferingView> views, Func<OfferingView, long?> inCommon, string currency, Func<OfferingView, string> href)
    {
        var prices = views.ToDictionary(view => view, inCommon);
        var lowest = prices.Values.Where(price => price > 0).Min() ?? 0;
        return
        [
            .. views.Select(view => new TriangleOffering(
                view.Offering.Upstream.Name, view.Offering.Model, href(view), Leg(text, view.Quality), Leg(text, view.Stability),
                prices[view] is { } price ? TriangleLeg.OfPrice(price, lowest, text.Money(price, currency)) : TriangleLeg.Unknown(text["common.unknown"]))),
        ];
    }

    private static TriangleLeg Leg(ConsoleText text, Estimate share) =>
        share.IsKnown ? TriangleLeg.OfShare(share.Value, share.Low, share.High, text.Percent(share.Value), $"{text.Percent(share.Low)} – {text.Percent(share.High)}") : TriangleLeg.Unknown(text["common.unknown"]);
}
