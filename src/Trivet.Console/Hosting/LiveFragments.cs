using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Trivet.WebConsole.Hosting;

/// <summary>Sends a component as HTML over server-sent events, again whenever it has changed.</summary>
internal static class LiveFragments
{
    // The browser asks again by itself: a stream that ends now and then notices who was signed out.
    private static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(10);

    public static async Task StreamAsync(HttpContext context, ConsoleContext page, Type component, TimeSpan pace)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await TypedResults.ServerSentEvents(FragmentsAsync(context, page, component, pace, time, ending.Token)).ExecuteAsync(context);
    }

    private static async IAsyncEnumerable<string> FragmentsAsync(
        HttpContext context, ConsoleContext page, Type component, TimeSpan pace, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parameters = context.Request.RouteValues.ToDictionary(value => value.Key, object? (value) => value.Value?.ToString());
        var started = time.GetTimestamp();
        var last = "";
        while (!cancellationToken.IsCancellationRequested && time.GetElapsedTime(started) < LifeMax)
        {
            page.Fill(context); // what counts from now counts from this moment
            var html = await PageRenderer.RenderAsync(context.RequestServices, component, parameters);
            if (html != last)
                yield return last = html;
            try
            {
                await Task.Delay(pace, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
        }
    }
}
