using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
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

            await CsvDownload.WriteAsync(page, "requests.csv", stream => new CsvExport(stream).WriteAsync(query with { After = null }, requests, page.Aborted));
        });
    }
}

/// <summary>Files of rows that are made while they are sent.</summary>
internal static class CsvDownload
{
    /// <param name="page">Who asks.</param>
    /// <param name="name">What it is saved as.</param>
    /// <param name="write">Writes it; a fault breaks it off, so that half a file is not taken for a whole one.</param>
    public static async Task WriteAsync(ConsoleContext page, string name, Func<Stream, ValueTask<StoreFault?>> write)
    {
        var response = page.Http.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        if (await write(response.Body) is not null)
            page.Http.Abort();
    }
}
