using Trivet.Core.Routing.Policies;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Policies;

/// <summary>A policy in a sentence or two: what must be, what then decides, and what happens where nothing meets it.</summary>
internal static class PolicyStory
{
    public static string Tell(ConsoleText text, PolicyConfig policy)
    {
        var floors = policy.Floors;
        var musts = new List<string>();
        if (floors.Quality is { } quality)
            musts.Add(text["policies.must_quality", text.Percent(quality)]);
        if (floors.Availability is { } availability)
            musts.Add(text["policies.must_availability", text.Percent(availability)]);
        if (floors.FirstContent is { } first)
            musts.Add(text["policies.must_first", text.Span(first)]);
        if (floors.PerMillionNano is { } million)
            musts.Add(text["policies.must_million", text.Money(million, policy.Currency)]);
        if (floors.PerRequestNano is { } request)
            musts.Add(text["policies.must_request", text.Money(request, policy.Currency)]);
        if (floors.ContextTokens is { } context)
            musts.Add(text["policies.must_context", text.Short(context)]);
        if (floors.Regions.Count > 0)
            musts.Add(text["policies.must_regions", string.Join(", ", floors.Regions)]);
        if (floors.Vendors.Count > 0)
            musts.Add(text["policies.must_vendors", string.Join(", ", floors.Vendors)]);
        if (floors.VendorsDenied.Count > 0)
            musts.Add(text["policies.must_not_vendors", string.Join(", ", floors.VendorsDenied)]);
        var aim = policy.Aim == PolicyAim.Exchange
            ? text["policies.aim_exchange", text.Money(policy.SecondNano, policy.Currency), text.Money(policy.QualityNano, policy.Currency)]
            : text["policies.aim_" + policy.Aim];
        var story = musts.Count == 0 ? text["policies.of_all", aim] : text["policies.of_those", aim, string.Join(text["policies.and"], musts)];
        if (musts.Count == 0)
            return story;
        return $"{story}{(policy.WhenNone == WhenNone.Refuse ? text["policies.else_refuse"] : text["policies.else_relax", string.Join(text["policies.then"], policy.Relax.Select(floor => text.Find("policies.floor_" + floor) ?? floor.ToString()))])}";
    }
}
