using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Trivet.Core.Users;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Hosting;

/// <summary>
/// One request to the console, for its components: who asks, in which language, with which filters. Components get it by <c>@inject ConsoleContext Page</c>; it is filled
/// before a page is made.
/// </summary>
internal sealed class ConsoleContext(TimeProvider time, IAntiforgery antiforgery)
{
    /// <summary>The cookies that a visitor's choices are in.</summary>
    public const string LanguageCookie = "trivet_language";
    public const string ThemeCookie = "trivet_theme";
    public const string ZoneCookie = "trivet_zone";

    private AntiforgeryTokenSet? _tokens;

    public HttpContext Http { get; private set; } = null!;

    /// <summary>Null on the pages that anybody may see.</summary>
    public UserRecord? User { get; set; }

    public ConsoleText Text { get; private set; } = null!;

    /// <summary><c>light</c> or <c>dark</c>; null where the system decides.</summary>
    public string? Theme { get; private set; }

    /// <summary>The status of the answer.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>This page's address, filters and all.</summary>
    public PageLink Link { get; private set; } = null!;

    /// <summary>What was just done, in words; from the address, where only names of our own strings count.</summary>
    public string? Said => Query("said") is { } name ? Text.Find("said." + name) : null;

    public CancellationToken Aborted => Http.RequestAborted;

    public void Fill(HttpContext http)
    {
        Http = http;
        var cookies = http.Request.Cookies;
        Text = new ConsoleText(Language.Choose(cookies[LanguageCookie], http.Request.Headers.AcceptLanguage), Zone(cookies[ZoneCookie]), time.GetUtcNow());
        Theme = cookies[ThemeCookie] is "light" or "dark" ? cookies[ThemeCookie] : null;
        Link = PageLink.Of(http.Request);
    }

    /// <summary>A parameter of the address; null where it is missing or empty.</summary>
    public string? Query(string name) => Http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>A number of the address, within bounds.</summary>
    public int Query(string name, int otherwise, int most) =>
        int.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : otherwise;

    /// <summary>Whether whoever asks may do this: what they may not is not offered.</summary>
    public bool May(Access access) => access.Allows(User?.Role);

    /// <summary>The hidden field against forged forms. Sets its cookie, so it is asked for before the answer begins.</summary>
    public AntiforgeryTokenSet FormTokens() => _tokens ??= antiforgery.GetAndStoreTokens(Http);

    private static TimeZoneInfo Zone(string? name) => name is { Length: > 0 and < 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}
