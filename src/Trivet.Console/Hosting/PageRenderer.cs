using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Trivet.WebConsole.Hosting;

/// <summary>Makes HTML of components: pages whole before the first byte goes out, and fragments for what is live.</summary>
internal static class PageRenderer
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static async Task<string> RenderAsync(IServiceProvider services, Type component, IDictionary<string, object?> parameters)
    {
        await using var renderer = new HtmlRenderer(services, (ILoggerFactory)services.GetService(typeof(ILoggerFactory))!);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync(component, ParameterView.FromDictionary(parameters));
            await using var output = new StringWriter();
            root.WriteHtmlTo(output);
            return output.ToString();
        });
    }

    public static async Task WriteAsync(HttpContext context, ConsoleContext page, Type component, IDictionary<string, object?> parameters)
    {
        var html = await RenderAsync(context.RequestServices, component, parameters);
        context.Response.StatusCode = page.Status;
        context.Response.ContentType = "text/html; charset=utf-8";
        var bytes = Utf8.GetBytes(html);
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}
