using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>What must hold of every page, in both languages, wide and narrow, light and dark.</summary>
public sealed class PageTests(ConsoleLab lab)
{
    /// <summary>Every page, by the name of its screenshot.</summary>
    private static readonly (string Name, string Path)[] Pages =
    [
        ("overview", "/console"),
        ("upstreams", "/console/upstreams"),
        ("upstream", "/console/upstreams/flaky"),
        ("routes", "/console/routes"),
        ("route", "/console/routes/talk"),
        ("policies", "/console/policies"),
        ("policy-new", "/console/policies/edit"),
        ("route-new", "/console/route/edit"),
        ("market", "/console/market?show=all&vendor=anthropic"),
        ("journal", "/console/journal"),
        ("feed", "/console/journal-feed"),
        ("upstream-new", "/console/upstreams/new"),
        ("playground", "/console/playground"),
        ("requests", "/console/requests"),
        ("keys", "/console/keys?state=all"),
        ("connect", "/console/connect"),
        ("key-new", "/console/keys/new"),
        ("organisation", "/console/owners/default"),
        ("money", "/console/money?since=24h&by=upstream"),
        ("budgets", "/console/money/budgets"),
        ("accounts", "/console/money/accounts"),
        ("account", "/console/money/account?id=payable/dear/USD"),
        ("transfers", "/console/money/transfers"),
        ("book", "/console/money/book"),
        ("bills", "/console/money/bills"),
        ("settings", "/console/settings"),
        ("prices", "/console/settings/prices"),
        ("people", "/console/settings/people"),
    ];

    public static TheoryData<string, string, string> Views
    {
        get
        {
            var views = new TheoryData<string, string, string>();
            foreach (var (name, path) in Pages)
            {
                foreach (var view in (string[])["en-wide-light", "zh-wide-dark", "en-phone-dark", "zh-phone-light"])
                    views.Add(name, path, view);
            }

            return views;
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_page_is_whole_fits_and_can_be_used_by_everybody(string name, string path, string view)
    {
        var parts = view.Split('-');
        await using var visitor = await lab.VisitAsync(language: parts[0], isPhone: parts[1] == "phone", isDark: parts[2] == "dark");

        var status = await visitor.OpenAsync(path);
        await visitor.Page.WaitForTimeoutAsync(300); // live parts arrive
        await visitor.ShootAsync($"{name}-{view}");

        Assert.Equal(200, status);
        Assert.NotEqual("", await visitor.Page.Locator("h1").InnerTextAsync());
        Assert.Equal(parts[0] == "zh" ? "zh-Hans" : "en", await visitor.Page.Locator("html").GetAttributeAsync("lang"));
        await visitor.FitsTheScreenAsync();
        await visitor.SawNothingWrongAsync();
        Assert.Empty(await visitor.SeriousFindingsAsync());
    }

    [Theory]
    [InlineData("/console/sign-in", 200)]
    [InlineData("/console/welcome?token=nobodys", 404)]
    public async Task The_door_is_whole_fits_and_can_be_used_by_everybody(string path, int expected)
    {
        await using var visitor = await lab.VisitAsync(isSignedIn: false);

        var status = await visitor.OpenAsync(path);
        await visitor.ShootAsync("door" + path.Replace('/', '-').Split('?')[0]);

        Assert.Equal(expected, status);
        await visitor.SawNothingWrongAsync();
        Assert.Empty(await visitor.SeriousFindingsAsync());
    }

    [Fact]
    public async Task Every_link_of_the_navigation_leads_to_a_page_and_is_marked_there()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console");
        var links = await visitor.Page.Locator(".wide-menu a").AllAsync();
        var paths = await Task.WhenAll(links.Select(link => link.GetAttributeAsync("href")));

        Assert.Equal(11, paths.Length);
        foreach (var path in paths)
        {
            Assert.Equal(200, await visitor.OpenAsync(path!));
            Assert.Equal(path, await visitor.Page.Locator(".wide-menu a[aria-current]").GetAttributeAsync("href"));
        }
    }

    [Fact]
    public async Task Pages_are_readable_without_scripts()
    {
        await using var visitor = await lab.VisitAsync(hasScripts: false);
        foreach (var (_, path) in Pages)
        {
            Assert.Equal(200, await visitor.OpenAsync(path));
            Assert.True(await visitor.Page.Locator("main").IsVisibleAsync());
        }

        await visitor.OpenAsync("/console");
        Assert.True(await visitor.Page.Locator(".tile").First.IsVisibleAsync());
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first_and_every_control_shows_that_it_has_the_focus()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams");

        await visitor.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("#content", await visitor.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('href')"));
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Keyboard.PressAsync("Tab");
        Assert.True(await visitor.Page.EvaluateAsync<bool>("() => document.querySelector('main').contains(document.activeElement)"));
        Assert.NotEqual("none", await visitor.Page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle"));
    }

    [Fact]
    public async Task The_theme_and_the_language_that_a_person_chooses_stay()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams?sort=name");

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "简体中文" }).ClickAsync();
        await visitor.OpenAsync("/console/routes");

        Assert.Equal("dark", await visitor.Page.Locator("html").GetAttributeAsync("data-theme"));
        Assert.Equal("路由", await visitor.Page.Locator("h1").InnerTextAsync());
        await visitor.SawNothingWrongAsync();
    }
}
