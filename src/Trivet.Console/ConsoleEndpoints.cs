using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Trivet.WebConsole.Assets;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Pages;
using Trivet.WebConsole.Pages.Accounts;
using Trivet.WebConsole.Pages.Connect;
using Trivet.WebConsole.Pages.Journal;
using Trivet.WebConsole.Pages.Keys;
using Trivet.WebConsole.Pages.Market;
using Trivet.WebConsole.Pages.Overview;
using Trivet.WebConsole.Pages.Playground;
using Trivet.WebConsole.Pages.Policies;
using Trivet.WebConsole.Pages.Requests;
using Trivet.WebConsole.Pages.Routes;
using Trivet.WebConsole.Pages.Settings;
using Trivet.WebConsole.Pages.Upstreams;
using Trivet.WebConsole.SignIn;

namespace Trivet.WebConsole;

/// <summary>The console's addresses, all below <c>/console</c>.</summary>
public static class ConsoleEndpoints
{
    /// <summary>Where the console is.</summary>
    public static string Path => ConsolePaths.Root;

    /// <summary>The address that makes the first account, below the server's own.</summary>
    public static string WelcomePath(string token) => $"{ConsolePaths.Welcome}?token={token}";

    /// <summary>Maps it.</summary>
    public static void MapConsole(this IEndpointRouteBuilder app)
    {
        var console = app.MapGroup(ConsolePaths.Root);
        console.MapAssets();
        var routes = new ConsoleRoutes(console, app.ServiceProvider.GetRequiredService<ConsoleDoor>());
        routes.MapSignIn(app.ServiceProvider);
        OverviewPages.Map(routes);
        RequestPages.Map(routes, app.ServiceProvider);
        KeyPages.Map(routes, app.ServiceProvider);
        ConnectPages.Map(routes, app.ServiceProvider);
        AccountPages.Map(routes, app.ServiceProvider);
        SettingPages.Map(routes, app.ServiceProvider);
        UpstreamPages.Map(routes, app.ServiceProvider);
        RoutePages.Map(routes, app.ServiceProvider);
        PolicyPages.Map(routes, app.ServiceProvider);
        MarketPages.Map(routes);
        JournalPages.Map(routes, app.ServiceProvider);
        PlaygroundPages.Map(routes, app.ServiceProvider);
        routes.Page<MissingPage>("/{**path}");
    }
}
