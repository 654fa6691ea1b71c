using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>Getting in, and what stays closed.</summary>
public sealed partial class SignInTests(ConsoleLab lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_not_signed_in_is_asked_to_and_comes_to_where_they_wanted()
    {
        await using var visitor = await lab.VisitAsync(isSignedIn: false);
        var page = visitor.Page;
        await visitor.OpenAsync("/console/upstreams?sort=name");

        await page.GetByLabel("Name").FillAsync(ConsoleLab.OwnerName);
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        Assert.Equal("Name or password is wrong.", await page.GetByRole(AriaRole.Alert).InnerTextAsync());

        await page.GetByLabel("Password").FillAsync(ConsoleLab.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/console/upstreams?sort=name", ConsoleLab.Arrived);

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForURLAsync("**/console/sign-in", ConsoleLab.Arrived);
        await visitor.OpenAsync("/console");
        Assert.Contains("/console/sign-in", page.Url, StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("/v1/models")]
    public async Task A_sign_in_link_leads_nowhere_else(string to)
    {
        await using var visitor = await lab.VisitAsync(isSignedIn: false);
        await visitor.OpenAsync("/console/sign-in?to=" + Uri.EscapeDataString(to));

        await visitor.Page.GetByLabel("Name").FillAsync(ConsoleLab.OwnerName);
        await visitor.Page.GetByLabel("Password").FillAsync(ConsoleLab.Password);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await visitor.Page.WaitForFunctionAsync("() => location.pathname === '/console'");
    }

    [Fact]
    public async Task A_viewer_sees_and_may_change_nothing()
    {
        var link = (await lab.RunAsync("users", "link", "--role", "viewer")).Trim();
        await using var visitor = await lab.VisitAsync(isSignedIn: false);
        await visitor.OpenAsync(new Uri(link).PathAndQuery);
        await visitor.Page.GetByLabel("Name").FillAsync(ConsoleLab.Hostile[..40]);
        await visitor.Page.GetByLabel("Password").FillAsync("short");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        Assert.True(await visitor.Page.GetByText("At least 10 characters.").IsVisibleAsync());
        await visitor.Page.GetByLabel("Password").FillAsync(ConsoleLab.Password);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await visitor.Page.WaitForURLAsync("**/console?said=welcome", ConsoleLab.Arrived);

        await visitor.OpenAsync("/console/upstreams/dear");
        Assert.Equal(0, await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Test it" }).CountAsync());
        var sent = await visitor.Page.EvaluateAsync<int>("async () => (await fetch('/console/upstreams/dear/test', { method: 'POST', body: new URLSearchParams(new FormData(document.querySelector('form'))) })).status");
        Assert.Equal(403, sent);

        await visitor.OpenRecordedRequestAsync();
        Assert.True(await visitor.Page.GetByText("What was said is recorded; operators and owners see it.").IsVisibleAsync());
        Assert.DoesNotContain("Compare.", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_elsewhere_does_nothing()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams/dear");

        var without = await visitor.Page.EvaluateAsync<int>("async () => (await fetch('/console/upstreams/dear/test', { method: 'POST', body: new URLSearchParams({ model: 'x' }) })).status");
        var changed = await visitor.Page.EvaluateAsync<int>(
            "async () => { const form = new FormData(document.querySelector('form')); form.set('_forms', form.get('_forms').slice(0, -4) + 'AAAA'); return (await fetch('/console/upstreams/dear/test', { method: 'POST', body: new URLSearchParams(form) })).status; }");

        Assert.Equal(400, without);
        Assert.Equal(400, changed);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_done_once()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams/good");

        var (first, second) = (await SendAsync(), await SendAsync());
        Assert.Equal((true, true), (first, second)); // both lead to the page
        var tests = await visitor.Page.EvaluateAsync<int>("async () => (await (await fetch('/console/upstreams/good')).text()).split('role=\"status\"').length - 1");
        Assert.Equal(1, tests);

        Task<bool> SendAsync() => visitor.Page.EvaluateAsync<bool>(
            "async () => { const answer = await fetch('/console/upstreams/good/test', { method: 'POST', body: new URLSearchParams(new FormData(document.querySelector('.actions form'))) }); return answer.redirected && answer.url.endsWith('/console/upstreams/good'); }");
    }

    [Fact]
    public async Task Pages_forbid_what_they_do_not_need()
    {
        await using var visitor = await lab.VisitAsync();
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = lab.Address };

        using var page = await client.GetAsync(new Uri("/console/sign-in", UriKind.Relative), Cancel);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        var html = await page.Content.ReadAsStringAsync(Cancel);

        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(InlineCode(), html);
        Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal);

        var css = Stylesheet().Match(html).Groups["url"].Value;
        using var sheet = await client.GetAsync(new Uri(css, UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, sheet.StatusCode);
        Assert.Contains("immutable", sheet.Headers.CacheControl!.ToString(), StringComparison.Ordinal);

        using var front = await client.GetAsync(new Uri("/", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, front.StatusCode); // a program gets words, a browser the console
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html,*/*" } } };
        using var browser = await client.SendAsync(asked, Cancel);
        Assert.Equal("/console", browser.Headers.Location?.ToString());
    }

    [GeneratedRegex("""<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=""")]
    private static partial Regex InlineCode();

    [GeneratedRegex("""rel="stylesheet" href="(?<url>[^"]+)""")]
    private static partial Regex Stylesheet();
}
