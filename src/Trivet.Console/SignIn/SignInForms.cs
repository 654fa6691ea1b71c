using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Failures;
using Trivet.Core.Users;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.SignIn;

/// <summary>Signing in and out, the first account, and what a visitor chooses for themselves.</summary>
internal static class SignInForms
{
    private const int ChoiceYears = 1;

    public static void MapSignIn(this ConsoleRoutes routes, IServiceProvider services)
    {
        var users = services.GetRequiredService<UserAdmin>();
        var gate = services.GetRequiredService<SignInGate>();
        routes.Page<SignInPage>("/sign-in", Access.Anybody);
        routes.Form("/sign-in", Access.Anybody, (form, cancellation) => SignInAsync(form, gate, cancellation));
        routes.Page<WelcomePage>("/welcome", Access.Anybody);
        routes.Form("/welcome", Access.Anybody, (form, cancellation) => WelcomeAsync(form, users, cancellation));
        routes.Form("/sign-out", Access.Anybody, (form, cancellation) => SignOutAsync(form, users, cancellation));
        routes.Form("/choices", Access.Anybody, Choose);
    }

    private static async ValueTask<FormOutcome> SignInAsync(SentForm form, SignInGate gate, CancellationToken cancellationToken)
    {
        var name = form["name"];
        var address = form.Page.Http.Connection.RemoteIpAddress ?? IPAddress.None;
        var (outcome, wait) = await gate.TryAsync(address, name, form.Fields["password"].ToString(), cancellationToken);
        if (outcome.IsSuccess && outcome.Value is { } cookie)
        {
            SetSession(form.Page.Http, cookie);
            return FormOutcome.Done(Destination(form["to"]));
        }

        var text = form.Page.Text;
        var problem = wait is { } span ? text["signin.wait", text.Span(TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds)))] : outcome.IsSuccess ? text["signin.wrong"] : text["error.database"];
        return FormOutcome.Wrong<SignInPage>(new Dictionary<string, object?> { [nameof(SignInPage.Name)] = name, [nameof(SignInPage.To)] = form["to"], [nameof(SignInPage.Problem)] = problem });
    }

    private static async ValueTask<FormOutcome> WelcomeAsync(SentForm form, UserAdmin users, CancellationToken cancellationToken)
    {
        var text = form.Page.Text;
        var (token, name, password) = (form["token"], form["name"], form.Fields["password"].ToString());
        var invite = await users.FindInviteAsync(token, cancellationToken);
        var isReset = invite.IsSuccess && invite.Value.UserId is not null;
        var nameProblem = isReset || UserAdmin.TryCheckName(name) ? null : text["signin.name_needed", UserAdmin.NameCharsMax];
        var passwordProblem = UserAdmin.TryCheckPassword(password) ? null : text["signin.password_short", UserAdmin.PasswordCharsMin];
        if (!invite.IsSuccess || nameProblem is not null || passwordProblem is not null)
            return Again();

        var accepted = await users.AcceptAsync(token, name, password, cancellationToken);
        if (accepted.Fault is { Kind: StoreFaultKind.Conflict })
        {
            nameProblem = text["signin.name_taken"];
            return Again();
        }

        if (!accepted.IsSuccess)
            return Again();
        var session = await users.OpenSessionAsync(accepted.Value, cancellationToken);
        if (!session.IsSuccess)
            return FormOutcome.Done(PageLink.To("sign-in"));
        SetSession(form.Page.Http, session.Value);
        return FormOutcome.Done(PageLink.To(), "welcome");

        FormOutcome Again() => FormOutcome.Wrong<WelcomePage>(new Dictionary<string, object?>
        {
            [nameof(WelcomePage.Token)] = token,
            [nameof(WelcomePage.Name)] = name,
            [nameof(WelcomePage.NameProblem)] = nameProblem,
            [nameof(WelcomePage.PasswordProblem)] = passwordProblem,
        });
    }

    private static async ValueTask<FormOutcome> SignOutAsync(SentForm form, UserAdmin users, CancellationToken cancellationToken)
    {
        var http = form.Page.Http;
        if (http.Request.Cookies[ConsoleDoor.SessionCookie] is { } cookie)
            await users.CloseSessionAsync(cookie, cancellationToken);
        http.Response.Cookies.Delete(ConsoleDoor.SessionCookie, new CookieOptions { Path = ConsolePaths.Root });
        return FormOutcome.Done(PageLink.To("sign-in"));
    }

    private static ValueTask<FormOutcome> Choose(SentForm form, CancellationToken cancellationToken)
    {
        if (Language.All.Any(language => language.Code == form["language"]))
            Keep(form, ConsoleContext.LanguageCookie, form["language"]);
        if (form["theme"] is "light" or "dark" or "system")
            Keep(form, ConsoleContext.ThemeCookie, form["theme"]);
        return ValueTask.FromResult(FormOutcome.Done(Destination(form["to"])));
    }

    private static void Keep(SentForm form, string cookie, string value) => form.Page.Http.Response.Cookies.Append(cookie, value, new CookieOptions
    {
        Path = ConsolePaths.Root,
        SameSite = SameSiteMode.Lax,
        HttpOnly = true,
        Secure = form.Page.Http.Request.IsHttps,
        MaxAge = TimeSpan.FromDays(365 * ChoiceYears),
        IsEssential = true,
    });

    private static void SetSession(HttpContext http, string cookie) => http.Response.Cookies.Append(ConsoleDoor.SessionCookie, cookie, new CookieOptions
    {
        Path = ConsolePaths.Root,
        SameSite = SameSiteMode.Lax,
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        MaxAge = UserAdmin.SessionLife,
        IsEssential = true,
    });

    // Into the console and nowhere else: a sign-in link must not lead to somebody's copy of it.
    private static PageLink Destination(string to) =>
        to.Length <= 2000 && Uri.TryCreate(to, UriKind.Relative, out _) && (to == ConsolePaths.Root || to.StartsWith(ConsolePaths.Root + "/", StringComparison.Ordinal) || to.StartsWith(ConsolePaths.Root + "?", StringComparison.Ordinal))
        && !to.StartsWith(ConsolePaths.SignIn, StringComparison.Ordinal)
            ? PageLink.Parse(to)
            : PageLink.To();
}
