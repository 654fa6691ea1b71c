using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Requests;

/// <summary>Requests: found among all, followed as they come, told one by one.</summary>
internal static class RequestPages
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var requests = services.GetRequiredService<RequestAdmin>();
        routes.Page<RequestsPage>("/requests");
        routes.Live<RequestTable>("/live/requests", Pace);
        routes.Page<RequestPage>("/requests/{id}");
        routes.File("/requests.csv", Access.Read, async page =>
        {
            if (!new QueryText(page.Query, page.Text.Now).TryReadRequests(out var query, out _))
            {
                page.Http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            await Download.WriteAsync(page, Download.Csv, "requests.csv", stream => new CsvExport(stream).WriteAsync(query with { After = null }, requests, page.Aborted));
        });
    }
}
