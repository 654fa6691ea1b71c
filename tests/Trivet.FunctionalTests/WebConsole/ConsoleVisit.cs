using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.WebConsole;

/// <summary>An owner who reads the console without a browser: pages as they are sent, before any script.</summary>
internal sealed class ConsoleVisit : IDisposable
{
    private const string Password = "a password of many characters";

    private readonly HttpClient _http;
    private readonly HtmlParser _parser = new();

    private ConsoleVisit(Uri address) => _http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = address };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Signs in by a link that makes an account.</summary>
    public static async Task<ConsoleVisit> EnterAsync(TrivetProcess trivet)
    {
        await using var link = await trivet.RunVerbAsync("users", "link");
        Assert.True(link.ExitCode == 0, link.Everything);
        var visit = new ConsoleVisit(trivet.Address);
        var form = (await visit.OpenAsync(new Uri(link.Output.Trim()).PathAndQuery)).QuerySelector<IHtmlFormElement>("form[action^='/console/welcome']")!;
        var fields = form.QuerySelectorAll<IHtmlInputElement>("input[name]").DistinctBy(input => input.Name).ToDictionary(input => input.Name!, input => input.Value);
        (fields["name"], fields["password"]) = ("ada", Password);
        using var answer = await visit._http.PostAsync(new Uri(form.GetAttribute("action")!, UriKind.Relative), new FormUrlEncodedContent(fields), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return visit;
    }

    /// <summary>A page.</summary>
    public async Task<IHtmlDocument> OpenAsync(string address)
    {
        using var answer = await _http.GetAsync(new Uri(address, UriKind.Relative), Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{address} answers {(int)answer.StatusCode}");
        return await _parser.ParseDocumentAsync(await answer.Content.ReadAsStringAsync(Cancel), Cancel);
    }

    /// <summary>What an address answers.</summary>
    public async Task<(int Status, string? Kind)> AskAsync(string address)
    {
        using var answer = await _http.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>A list as a file: all of its rows, by the names of their columns. No text in it has a comma here.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RowsAsync(string address)
    {
        var lines = (await _http.GetStringAsync(new Uri(address, UriKind.Relative), Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => line.Split(',')).Select(cells => names.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    public void Dispose() => _http.Dispose();
}
