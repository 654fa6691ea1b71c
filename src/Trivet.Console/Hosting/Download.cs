using Trivet.Core.Failures;

namespace Trivet.WebConsole.Hosting;

/// <summary>Files that are made while they are sent.</summary>
internal static class Download
{
    public const string Csv = "text/csv";

    /// <param name="page">Who asks.</param>
    /// <param name="type">What it is.</param>
    /// <param name="name">What it is saved as.</param>
    /// <param name="write">Writes it; a fault breaks it off, so that half a file is not taken for a whole one.</param>
    public static async Task WriteAsync(ConsoleContext page, string type, string name, Func<Stream, ValueTask<StoreFault?>> write)
    {
        var response = page.Http.Response;
        response.ContentType = type + "; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        if (await write(response.Body) is not null)
            page.Http.Abort();
    }
}
