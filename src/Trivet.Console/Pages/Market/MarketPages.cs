using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Market;

/// <summary>What models there are, what they cost, how they do here.</summary>
internal static class MarketPages
{
    public static void Map(ConsoleRoutes routes) => routes.Page<MarketPage>("/market");
}
