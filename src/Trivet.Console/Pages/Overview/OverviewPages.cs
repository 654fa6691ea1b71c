using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Overview;

/// <summary>What the console opens with.</summary>
internal static class OverviewPages
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    public static void Map(ConsoleRoutes routes)
    {
        routes.Page<OverviewPage>("");
        routes.Live<LiveTraffic>("/live/traffic", Pace);
    }
}
