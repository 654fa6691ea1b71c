using System.Text.Json;
using Microsoft.Playwright;
using Trivet.FunctionalTests.Harness;

namespace Trivet.BrowserTests;

/// <summary>A person with a browser, and somebody who looks over their shoulder: what went wrong on any page they saw.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _problems = [];

    private Visitor(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    public static async Task<Visitor> EnterAsync(IBrowserContext context, Uri home)
    {
        var visitor = new Visitor(context, await context.NewPageAsync());
        visitor.Page.PageError += (_, error) => visitor.Note($"script error: {error}");
        visitor.Page.Console += (_, message) =>
        {
            // Chromium's own line for each answer of 400 and more, which tests look at by themselves.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                visitor.Note($"{message.Type}: {message.Text}");
        };
        visitor.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(home.ToString(), StringComparison.Ordinal))
                visitor.Note($"asks elsewhere: {request.Url}");
        };
        visitor.Page.Dialog += async (_, dialog) =>
        {
            visitor.Note($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        return visitor;
    }

    /// <summary>Opens a page; its status.</summary>
    public async Task<int> OpenAsync(string path) => (await Page.GotoAsync(path, new PageGotoOptions { WaitUntil = WaitUntilState.Load }))!.Status;

    /// <summary>Goes to a request of the key whose payloads are recorded.</summary>
    public async Task OpenRecordedRequestAsync()
    {
        await OpenAsync("/console/requests?team=" + ConsoleLab.Team);
        await OpenAsync((await Page.Locator("main a[href^='/console/requests/req_']").First.GetAttributeAsync("href"))!);
    }

    /// <summary>No script of anybody else's ran, none of ours broke, nothing was asked of other hosts.</summary>
    public async Task SawNothingWrongAsync()
    {
        Assert.False(await Page.EvaluateAsync<bool>($"() => '{ConsoleLab.Mark}' in window"), "a hostile string was executed");
        lock (_problems)
            Assert.Empty(_problems);
    }

    /// <summary>The page fits the screen: only tables scroll sideways.</summary>
    public async Task FitsTheScreenAsync() => Assert.Equal(0, await Page.EvaluateAsync<int>("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"));

    /// <summary>What axe finds that is serious or worse.</summary>
    public async Task<IReadOnlyList<string>> SeriousFindingsAsync()
    {
        var axe = Path.Combine(await NpmPackages.FolderAsync(NpmPackages.Axe), "node_modules", "axe-core", "axe.min.js");
        await Page.EvaluateAsync(await File.ReadAllTextAsync(axe));
        var found = await Page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
              .filter(found => found.impact === 'serious' || found.impact === 'critical')
              .flatMap(found => found.nodes.slice(0, 3).map(node => `${found.id}: ${node.target.join(' ')} ${node.any.map(check => check.message).join('; ')}`))
            """);
        return [.. found.EnumerateArray().Select(line => line.GetString()!)];
    }

    /// <summary>Keeps what is seen, for people to look at.</summary>
    public Task ShootAsync(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts, "console", name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });

    public ValueTask DisposeAsync() => new(_context.CloseAsync());

    private void Note(string problem)
    {
        lock (_problems)
            _problems.Add(problem);
    }
}
