using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Trivet.Core.Sockets;
using Trivet.Core.Users;
using Trivet.WebConsole.Pages;

namespace Trivet.WebConsole.Hosting;

/// <summary>
/// What every request to the console passes: who it is, whether they may, whether a form is really theirs and sent once. Pages and forms behind it need not ask again.
/// </summary>
internal sealed partial class ConsoleDoor(UserAdmin users, IUserStore store, IAntiforgery antiforgery, SharedProtection protection, TimeProvider time, ILogger<ConsoleDoor> logger)
{
    public const string SessionCookie = "trivet_session";
    public const string OnceField = "_once";

    // Nothing from elsewhere, nothing inline. SVG is drawn with attributes and classes.
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private const int OnceCharsMax = 64;
    private const long AnybodysFormBytesMax = 16 * 1024;
    private const long FormBytesMax = 16 * 1024 * 1024; // an upstream's bill

    /// <summary>A page.</summary>
    public async Task ShowAsync(HttpContext context, Access access, Type component)
    {
        if (await EnterAsync(context, access) is not { } page)
            return;
        await GuardAsync(context, page, () => PageRenderer.WriteAsync(context, page, component, RouteParameters(context)));
    }

    /// <summary>Something else than a page: a stream of fragments, a file.</summary>
    public async Task RunAsync(HttpContext context, Access access, Func<ConsoleContext, Task> work)
    {
        if (await EnterAsync(context, access) is not { } page)
            return;
        await GuardAsync(context, page, () => work(page));
    }

    /// <summary>A form.</summary>
    public async Task SendAsync(HttpContext context, Access access, FormHandler handler)
    {
        if (await EnterAsync(context, access) is not { } page)
            return;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = access == Access.Anybody ? AnybodysFormBytesMax : FormBytesMax;
        await GuardAsync(context, page, async () =>
        {
            var isValid = await antiforgery.IsRequestValidAsync(context);
            await SocketThreads.LeaveAsync(); // its body may have brought it back
            if (!isValid)
            {
                await RefuseAsync(context, page, StatusCodes.Status400BadRequest, "error.form_expired");
                return;
            }

            var form = new SentForm(page, await context.Request.ReadFormAsync(context.RequestAborted));

            // What anybody may send is harmless when it is sent twice, and leaves nothing in the database.
            await (access == Access.Anybody ? DoAsync(context, page, form, handler) : DoOnceAsync(context, page, form, handler));
        });
    }

    private async Task DoOnceAsync(HttpContext context, ConsoleContext page, SentForm form, FormHandler handler)
    {
        var once = form[OnceField];
        if (once.Length is 0 or > OnceCharsMax)
        {
            await RefuseAsync(context, page, StatusCodes.Status400BadRequest, "error.form_expired");
            return;
        }

        var begun = await store.BeginFormAsync(once, time.GetUtcNow().ToUnixTimeMilliseconds(), context.RequestAborted);
        if (!begun.IsSuccess)
        {
            await RefuseAsync(context, page, StatusCodes.Status503ServiceUnavailable, "error.database");
            return;
        }

        if (begun.Value is { } earlier)
        {
            if (earlier.Length > 0)
                context.Response.Redirect(earlier);
            else
                await RefuseAsync(context, page, StatusCodes.Status409Conflict, "error.form_sent");
            return;
        }

        string? location = null;
        try
        {
            location = await DoAsync(context, page, form, handler);
        }
        finally
        {
            await store.EndFormAsync(once, location, CancellationToken.None);
        }
    }

    /// <summary>Where whoever sends it again is to be led; null where it may be sent again.</summary>
    private static async Task<string?> DoAsync(HttpContext context, ConsoleContext page, SentForm form, FormHandler handler)
    {
        var outcome = await handler(form, context.RequestAborted);
        if (outcome.Location?.ToString() is { } location)
        {
            context.Response.Redirect(location);
            return location;
        }

        page.Status = outcome.Status;
        await PageRenderer.WriteAsync(context, page, outcome.Component!, outcome.Parameters);
        return outcome is { Status: StatusCodes.Status200OK, MaySendAgain: false } ? page.Link.ToString() : null;
    }

    /// <summary>Null where they may not; then they have been told.</summary>
    private async Task<ConsoleContext?> EnterAsync(HttpContext context, Access access)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        var page = context.RequestServices.GetRequiredService<ConsoleContext>();
        page.Fill(context);
        if (!await protection.LoadAsync(context.RequestAborted))
        {
            await RefuseAsync(context, page, StatusCodes.Status503ServiceUnavailable, "error.database");
            return null;
        }

        if (context.Request.Cookies[SessionCookie] is { Length: > 0 and < 128 } cookie)
        {
            var found = await users.FindSessionAsync(cookie, context.RequestAborted);
            if (found.Fault is not null)
            {
                await RefuseAsync(context, page, StatusCodes.Status503ServiceUnavailable, "error.database");
                return null;
            }

            page.User = found.Value;
            if (page.User is { } user)
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.Id), new Claim(ClaimTypes.Name, user.Name)], "session"));
        }

        if (access.Allows(page.User?.Role))
            return page;
        if (page.User is null)
            SendToSignIn(context);
        else
            await RefuseAsync(context, page, StatusCodes.Status403Forbidden, "error.forbidden");
        return null;
    }

    private static void SendToSignIn(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) || request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        context.Response.Redirect($"{ConsolePaths.SignIn}?to={Uri.EscapeDataString(request.Path + request.QueryString)}");
    }

    private async Task GuardAsync(HttpContext context, ConsoleContext page, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogLeft(exception.GetType().Name);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, page, exception.StatusCode, "error.form_expired"); // too large, or broken off
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            // The pattern and not the path: of a feed, the path is the secret.
            LogFailed(exception, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "", context.TraceIdentifier);
            await RefuseAsync(context, page, StatusCodes.Status500InternalServerError, "error.bug");
        }
    }

    private static Task RefuseAsync(HttpContext context, ConsoleContext page, int status, string text)
    {
        page.Status = status;
        return PageRenderer.WriteAsync(context, page, typeof(ErrorPage), new Dictionary<string, object?> { [nameof(ErrorPage.Text)] = text });
    }

    private static Dictionary<string, object?> RouteParameters(HttpContext context) => context.Request.RouteValues.ToDictionary(value => value.Key, object? (value) => value.Value?.ToString());

    [LoggerMessage(4000, LogLevel.Error, "A console page failed: {Path} ({TraceId})")]
    private partial void LogFailed(Exception exception, string path, string traceId);

    [LoggerMessage(4001, LogLevel.Debug, "Somebody left a console page before it was made: {Kind}")]
    private partial void LogLeft(string kind);
}
