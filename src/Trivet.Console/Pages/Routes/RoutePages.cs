using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Routes;

/// <summary>Which names clients may ask for, and who serves them.</summary>
internal static class RoutePages
{
    public static void Map(ConsoleRoutes routes)
    {
        routes.Page<RoutesPage>("/routes");
        routes.Page<RoutePage>("/routes/{**name}"); // names of models hold slashes
    }
}
