using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>Pages in which people write: the journal, the playground, upstreams.</summary>
public sealed class WritingTests(ConsoleLab lab)
{
    [Fact]
    public async Task A_note_is_written_found_by_its_tag_and_taken_away_and_no_word_of_it_is_executed()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/journal");

        await page.GetByText("Write a note").ClickAsync();
        await page.GetByLabel("Title", new() { Exact = true }).FillAsync("Hello " + ConsoleLab.Hostile);
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync($"# Why\n\n- **one** `two`\n\n[good](https://example.com/) [bad](javascript:window.{ConsoleLab.Mark}=1)\n\n{ConsoleLab.Hostile}\n\n```\n{ConsoleLab.Hostile}\n```");
        await page.GetByLabel("Tags", new() { Exact = true }).FillAsync("trial, " + ConsoleLab.Hostile);
        await page.GetByLabel("About", new() { Exact = true }).FillAsync(ConsoleLab.Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the note" }).ClickAsync();
        await page.WaitForURLAsync("**/console/journal?said=note_added", ConsoleLab.Arrived);

        await page.GetByRole(AriaRole.Complementary).GetByRole(AriaRole.Link, new() { Name = "trial" }).ClickAsync();
        Assert.Equal("#trial", await page.Locator("h1").InnerTextAsync());
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Hello") }).ClickAsync();
        Assert.Equal("Why", await page.Locator(".prose h3").InnerTextAsync());
        Assert.Equal("one", await page.Locator(".prose strong").InnerTextAsync());
        Assert.Equal("https://example.com/", await page.Locator(".prose a").First.GetAttributeAsync("href"));
        Assert.Equal(0, await page.Locator(".prose img, .prose script, .prose a[href^=javascript]").CountAsync());
        Assert.Empty(await visitor.SeriousFindingsAsync());

        visitor.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await page.EvaluateAsync("() => { window.confirm = () => true; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete the note" }).ClickAsync();
        await page.WaitForURLAsync("**/console/journal?said=note_deleted", ConsoleLab.Arrived);
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en", false)]
    [InlineData("zh", true)]
    public async Task Every_link_of_an_entry_is_high_enough_to_be_hit_whatever_stands_below_it(string language, bool isPhone)
    {
        const double LeastPx = 24; // WCAG 2.2, 2.5.8: smaller ones pass only where nothing else is near, and titles end anywhere
        var tag = $"hit-{language}";
        await lab.RunAsync("journal", "add", "A note.", "--title", "Which link is under this one?", "--tag", tag, "--subject", "dear/talk", "--author", "ada");
        await using var visitor = await lab.VisitAsync(language: language, isPhone: isPhone);

        await visitor.OpenAsync("/console/journal?tag=" + tag);

        var links = await visitor.Page.Locator("article.entry a").AllAsync();
        Assert.Equal(3, links.Count);
        foreach (var link in links)
            Assert.InRange((await link.BoundingBoxAsync())!.Height, LeastPx, double.MaxValue);
    }

    [Fact]
    public async Task The_journal_is_taken_away_as_a_feed_as_markdown_and_as_json()
    {
        await using var visitor = await lab.VisitAsync();
        foreach (var (file, type, holds) in new[] { ("journal.atom", "application/atom+xml", "<feed"), ("journal.md", "text/markdown", ""), ("journal.json", "application/json", "[") })
        {
            var answer = await visitor.Page.APIRequest.GetAsync($"/console/{file}");
            Assert.Equal(200, answer.Status);
            Assert.StartsWith(type, answer.Headers["content-type"], StringComparison.Ordinal);
            Assert.Contains(holds, await answer.TextAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_feed_reader_reads_the_journal_by_an_address_that_can_be_taken_away()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/journal");
        await page.GetByRole(AriaRole.Link, new() { Name = "Subscribe" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make an address" }).ClickAsync();
        var address = await page.Locator("#secret").InnerTextAsync();

        using var reader = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var feed = await reader.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken);
        Assert.Contains("<feed", feed, StringComparison.Ordinal);
        Assert.DoesNotContain(address.Split('/')[^2], feed, StringComparison.Ordinal); // readers share what they read
        Assert.Equal(System.Net.HttpStatusCode.Redirect, (await reader.GetAsync(new Uri(lab.Address, "/console/journal.atom"), TestContext.Current.CancellationToken)).StatusCode);

        await visitor.OpenAsync("/console/journal-feed");
        Assert.DoesNotContain(address, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it away" }).ClickAsync();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await reader.GetAsync(new Uri(address), TestContext.Current.CancellationToken)).StatusCode);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_prompt_is_put_to_several_models_whose_answers_stand_side_by_side_with_what_they_cost()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/playground");

        await page.GetByLabel("Prompt", new() { Exact = true }).FillAsync("Say something. " + ConsoleLab.Hostile);
        await page.GetByLabel("dear/sandbox-chat").CheckAsync();
        await page.GetByLabel("good/sandbox-echo").CheckAsync();
        await page.GetByLabel("flaky/sandbox-chat@503").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();

        await page.WaitForFunctionAsync("() => document.querySelector('.answers')?.getAttribute('aria-busy') === 'false'");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.answer')[0].innerText.includes('$')");
        Assert.Equal(3, await page.Locator(".answer").CountAsync());
        Assert.Contains("Say something.", await page.Locator(".answer", new() { HasText = "good/" }).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await page.Locator(".answer .notice.bad").CountAsync());

        // What went upstream is shown as it went: hostile words and all, and no credential.
        var sent = page.Locator(".answer", new() { HasText = "good/" }).Locator("details.sent");
        await sent.Locator("summary").ClickAsync();
        Assert.Contains("Say something.", await sent.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("\"model\": \"sandbox-echo\"", await sent.InnerTextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-good", await page.ContentAsync(), StringComparison.Ordinal);

        // The prompt is kept as an item of the paired test of capability, if what is looked for can be.
        await page.GetByText("Save as a capability item").ClickAsync();
        await page.GetByLabel("A right answer").SelectOptionAsync("Matches");
        await page.GetByLabel("What is looked for").FillAsync("(" + ConsoleLab.Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the item" }).ClickAsync();
        Assert.Equal("(" + ConsoleLab.Hostile, await page.GetByLabel("What is looked for").InputValueAsync());
        await page.GetByLabel("A right answer").SelectOptionAsync("Contains");
        await page.GetByLabel("What is looked for").FillAsync("Say something");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the item" }).ClickAsync();
        await page.WaitForURLAsync("**said=item_saved", ConsoleLab.Arrived);
        await visitor.ShootAsync("playground-en-wide-light");
        Assert.Empty(await visitor.SeriousFindingsAsync());

        // It stands under Settings from then on, until somebody removes it there.
        await visitor.OpenAsync("/console/settings");
        var item = page.Locator("#items tbody tr");
        await item.Locator("summary").ClickAsync();
        Assert.Contains("Say something. " + ConsoleLab.Hostile, await item.Locator("pre").InnerTextAsync(), StringComparison.Ordinal);
        await visitor.ShootAsync("items-en-wide-light");
        Assert.Empty(await visitor.SeriousFindingsAsync());
        await page.EvaluateAsync("() => { window.confirm = () => true; }");
        await item.GetByRole(AriaRole.Button).ClickAsync();
        await page.WaitForURLAsync("**said=item_removed", ConsoleLab.Arrived);
        Assert.Equal(0, await page.Locator("#items tbody tr").CountAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_prompt_without_a_model_is_given_back_with_what_is_missing()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/playground");

        await visitor.Page.GetByLabel("Prompt", new() { Exact = true }).FillAsync("Hello?");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();

        Assert.Equal("Choose one to 6 models.", await visitor.Page.GetByRole(AriaRole.Alert).InnerTextAsync());
        Assert.Equal("Hello?", await visitor.Page.GetByLabel("Prompt", new() { Exact = true }).InputValueAsync());
    }

    [Fact]
    public async Task An_upstream_is_added_tested_switched_off_changed_and_removed_and_its_key_is_never_shown()
    {
        const string Key = "sk-never-to-be-seen";
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/upstreams");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add an upstream" }).ClickAsync();

        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("extra");
        await page.GetByLabel("Keys", new() { Exact = true }).FillAsync(Key);
        await page.GetByLabel("Address", new() { Exact = true }).FillAsync("not an address");
        await page.GetByLabel("Models", new() { Exact = true }).FillAsync("sandbox-chat, sandbox-echo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.True(await page.GetByRole(AriaRole.Alert).IsVisibleAsync());
        Assert.DoesNotContain(Key, await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByLabel("Address", new() { Exact = true }).FillAsync(lab.Sandbox + "v1");
        await page.GetByLabel("Keys", new() { Exact = true }).FillAsync(Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.WaitForURLAsync("**/console/upstreams/extra?said=upstream_added", ConsoleLab.Arrived);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        Assert.Contains("answered in", await page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("the console, set by ada", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await lab.StatusAsync("extra/sandbox-echo"));
        Assert.Contains("of the console", (await lab.RunAsync("upstreams", "list")).Split('\n').Single(line => line.StartsWith("extra ", StringComparison.Ordinal)), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Switch off" }).ClickAsync();
        await page.WaitForURLAsync("**said=upstream_saved", ConsoleLab.Arrived);
        Assert.Equal(404, await lab.StatusAsync("extra/sandbox-echo"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        Assert.Equal(200, await lab.StatusAsync("extra/sandbox-echo"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Change" }).ClickAsync();
        Assert.DoesNotContain(Key, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByLabel("As a configuration file says it").FillAsync("vendor: custom\nnonsense: 1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("nonsense", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("As a configuration file says it").FillAsync("vendor: custom\nendpoints: { openai-chat: 'http://127.0.0.1:1/v1' }\nmodels: [elsewhere]");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("Enter its keys again", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);

        await visitor.OpenAsync("/console/upstreams/extra");
        await page.EvaluateAsync("() => { window.confirm = () => true; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.WaitForURLAsync("**/console/upstreams?said=upstream_deleted", ConsoleLab.Arrived);
        Assert.Equal(404, await lab.StatusAsync("extra/sandbox-echo"));
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task What_the_file_says_of_an_upstream_cannot_be_changed_in_the_console()
    {
        await using var visitor = await lab.VisitAsync();

        await visitor.OpenAsync("/console/upstreams/dear");
        Assert.Equal(0, await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Change" }).CountAsync());
        Assert.Contains("the file wins", await visitor.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(404, await visitor.OpenAsync("/console/upstreams/dear/edit"));
    }
}
