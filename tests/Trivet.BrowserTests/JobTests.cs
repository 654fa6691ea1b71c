using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>Each page's main job, as a person does it.</summary>
public sealed class JobTests(ConsoleLab lab)
{
    [Fact]
    public async Task The_overview_shows_what_runs_now_without_being_loaded_again()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console");
        var tile = visitor.Page.Locator(".live");
        var before = await tile.InnerTextAsync();

        await lab.AskAsync(20);

        await visitor.Page.WaitForFunctionAsync("before => document.querySelector('.live').innerText !== before", before);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task The_overview_leads_from_the_triangle_to_the_upstream_and_from_a_failure_to_its_words()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console?route=talk");

        Assert.Equal(4, await visitor.Page.Locator(".triangle-legend tbody tr").CountAsync());
        Assert.Equal(4, await visitor.Page.Locator(".triangle .offering").CountAsync());
        await visitor.Page.Locator(".triangle-legend a", new() { HasText = "dear" }).ClickAsync();
        Assert.Equal("dear", await visitor.Page.Locator("h1").InnerTextAsync());
    }

    [Fact]
    public async Task An_upstream_that_fails_is_seen_in_the_list_and_why()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams?sort=-failure");

        var flaky = visitor.Page.Locator("tbody tr", new() { HasText = "flaky" });
        Assert.Contains("failed", await flaky.InnerTextAsync(), StringComparison.Ordinal);
        await flaky.GetByRole(AriaRole.Link, new() { Name = "flaky" }).ClickAsync();
        Assert.True(await visitor.Page.Locator(".strip .bad, .strip .warn").CountAsync() > 0);
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh")]
    public async Task The_page_of_a_request_fits_a_phone_however_long_a_model_is_called(string language)
    {
        var model = "any/" + new string('m', 90);
        await using var visitor = await lab.VisitAsync(language: language, isPhone: true);
        await lab.StatusAsync(model);
        var request = visitor.Page.Locator("main td a[href^='/console/requests/req_']").First;
        for (var tries = 0; tries < 300 && await request.CountAsync() == 0; tries++)
        {
            await visitor.OpenAsync("/console/requests?model=" + model);
            await visitor.Page.WaitForTimeoutAsync(200); // books are written a moment after the answers
        }

        await visitor.OpenAsync((await request.GetAttributeAsync("href"))!);

        Assert.Contains(model, await visitor.Page.Locator("#attempts, main").First.InnerTextAsync(), StringComparison.Ordinal);
        await visitor.FitsTheScreenAsync();
        await visitor.ShootAsync($"request-{language}-phone-light");
        Assert.Empty(await visitor.SeriousFindingsAsync());
    }

    [Fact]
    public async Task An_upstream_is_tested_with_one_tiny_question_and_says_how_it_went()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams/slow");

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();

        Assert.Contains("answered in", await visitor.Page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_sorted_by_its_headings_and_the_order_is_in_the_address()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/upstreams");

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Attempts, 24 h" }).ClickAsync();
        Assert.EndsWith("?sort=-attempts", visitor.Page.Url, StringComparison.Ordinal);
        Assert.Equal("descending", await visitor.Page.Locator("th", new() { HasText = "Attempts" }).GetAttributeAsync("aria-sort"));
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Attempts, 24 h" }).ClickAsync();
        Assert.EndsWith("?sort=attempts", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_is_found_by_its_name_and_shows_who_serves_it()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/routes");

        await visitor.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("talk");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "talk", Exact = true }).ClickAsync();

        Assert.Equal("talk", await visitor.Page.Locator("h1").InnerTextAsync());
        Assert.Contains("weighted", await visitor.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_market_compares_prices_in_the_currency_that_a_person_chose_and_reprices_their_month()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/market?show=all");

        await visitor.Page.GetByLabel("Compared in").SelectOptionAsync("CNY");
        await visitor.Page.GetByLabel("Name holds").FillAsync("claude");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();

        var text = await visitor.Page.Locator("tbody tr").First.InnerTextAsync();
        Assert.Contains("¥", text, StringComparison.Ordinal);
        Assert.Contains("$", text, StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_newcomer_finds_which_upstream_to_drop()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console");

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Upstreams" }).First.ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Last failure, 24 h" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Last failure, 24 h" }).ClickAsync(); // the newest first

        var worst = await visitor.Page.Locator("tbody tr").First.InnerTextAsync();
        Assert.Contains("flaky", worst, StringComparison.Ordinal);
        Assert.Contains("failed", worst, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newcomer_finds_how_to_give_Claude_Code_a_domestic_model()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console");

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Routes" }).First.ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "talk", Exact = true }).ClickAsync();

        var line = await visitor.Page.Locator("dd.secret code").First.InnerTextAsync();
        Assert.Equal($"ANTHROPIC_BASE_URL={lab.Address.GetLeftPart(UriPartial.Authority)} ANTHROPIC_AUTH_TOKEN=YOUR_KEY ANTHROPIC_MODEL=talk claude", line);
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en", false, "What was said")]
    [InlineData("zh", true, "对话内容")]
    public async Task What_was_said_with_a_key_that_is_recorded_can_be_read(string language, bool isPhone, string title)
    {
        await using var visitor = await lab.VisitAsync(language: language, isPhone: isPhone);
        await visitor.OpenRecordedRequestAsync();

        var said = visitor.Page.Locator("#payload");
        Assert.Equal(title, await said.Locator("h2").InnerTextAsync());
        Assert.Contains("\"Compare.\"", await said.Locator("pre").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("\"choices\"", await said.Locator("pre").Last.InnerTextAsync(), StringComparison.Ordinal);
        await visitor.FitsTheScreenAsync();
        Assert.Empty(await visitor.SeriousFindingsAsync());
        await visitor.ShootAsync($"payload-{language}");
        await visitor.SawNothingWrongAsync();
    }
}
