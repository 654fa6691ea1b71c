using System.Net;
using System.Text.RegularExpressions;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Security;

/// <summary>The console behind a proxy that ends TLS: whom it believes, and what follows from it.</summary>
public sealed partial class TrustedProxyTests
{
    private const string Password = "a password of many characters";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_a_trusted_proxy_the_session_is_for_https_only_and_each_clients_failures_are_their_own()
    {
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(folder, "trusted_proxies: [127.0.0.0/8, \"::1\"]\n");
        await using var link = await trivet.RunVerbAsync("users", "link");

        var welcome = await SendAsync(trivet, new Uri(link.Output.Trim()).PathAndQuery, "203.0.113.7", "https", ("name", "ada"), ("password", Password), ("token", Token().Match(link.Output).Groups[1].Value));
        Assert.Contains("trivet_session=", welcome.Cookies);
        Assert.Contains("; secure", welcome.Cookies, StringComparison.OrdinalIgnoreCase);

        Assert.True(await IsShutOutAsync(trivet, _ => "203.0.113.66"));
        Assert.Contains("trivet_session=", (await SignInAsync(trivet, "203.0.113.7", Password)).Cookies);
    }

    [Fact]
    public async Task Nobody_is_believed_who_is_not_trusted()
    {
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(folder, "");
        await using var link = await trivet.RunVerbAsync("users", "link");

        var welcome = await SendAsync(trivet, new Uri(link.Output.Trim()).PathAndQuery, "203.0.113.7", "https", ("name", "ada"), ("password", Password), ("token", Token().Match(link.Output).Groups[1].Value));
        Assert.Contains("trivet_session=", welcome.Cookies);
        Assert.DoesNotContain("; secure", welcome.Cookies, StringComparison.OrdinalIgnoreCase); // or a browser would not send it back

        Assert.True(await IsShutOutAsync(trivet, i => $"203.0.113.{i}"));
    }

    // The wait is of seconds: where the machine takes longer than that for the tries, they are made again.
    private static async Task<bool> IsShutOutAsync(TrivetProcess trivet, Func<int, string> client)
    {
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 5; i++)
                await SignInAsync(trivet, client(i), "not the password");
            if ((await SignInAsync(trivet, client(9), Password)).Page.Contains("Too many", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static Task<TrivetProcess> ServeAsync(TempFolder folder, string proxies)
    {
        var config = folder.File("trivet.yaml");
        File.WriteAllText(config, proxies + "limits: { body_max: 1MiB }\n");
        return TrivetProcess.ServeAsync(config, folder.File("data"));
    }

    private static Task<Sent> SignInAsync(TrivetProcess trivet, string client, string password) => SendAsync(trivet, "/console/sign-in", client, "https", ("name", "ada"), ("password", password));

    // Cookies by hand: a container keeps Secure ones from the plain connection behind the proxy.
    private static async Task<Sent> SendAsync(TrivetProcess trivet, string path, string client, string scheme, params (string Name, string Value)[] fields)
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = trivet.Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", client);
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        using var page = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);
        var action = WebUtility.HtmlDecode(Action().Match(html).Groups[1].Value);
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(action, UriKind.Relative))
        {
            Content = new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), KeyValuePair.Create("_forms", FormToken().Match(html).Groups[1].Value)]),
        };
        post.Headers.Add("Cookie", string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));
        using var answer = await http.SendAsync(post, Cancel);
        return new Sent(answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? string.Join('\n', cookies) : "", await answer.Content.ReadAsStringAsync(Cancel));
    }

    private sealed record Sent(string Cookies, string Page);

    [GeneratedRegex("""name="_forms" value="([^"]+)""")]
    private static partial Regex FormToken();

    [GeneratedRegex("""<form method="post" action="(/console/(?:sign-in|welcome)[^"]*)""")]
    private static partial Regex Action();

    [GeneratedRegex("token=([A-Za-z0-9_-]+)")]
    private static partial Regex Token();
}
