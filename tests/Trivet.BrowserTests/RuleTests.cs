using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>Policies and routes made in the console: tried before they are in force, in force as soon as they are saved, and never before the file.</summary>
public sealed class RuleTests(ConsoleLab lab)
{
    [Fact]
    public async Task A_policy_is_tried_on_the_last_day_saved_gone_by_changed_and_removed()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Policies" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "New policy" }).ClickAsync();

        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("trial");
        await page.GetByLabel("Quality, %").FillAsync("850");
        await page.GetByLabel("Try it on the traffic of").SelectOptionAsync("talk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it on the last 24 hours" }).ClickAsync();
        Assert.Contains("quality", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);

        await page.GetByLabel("Quality, %").FillAsync("");
        await page.GetByLabel("Availability, %").FillAsync("50");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it on the last 24 hours" }).ClickAsync();
        var trial = await page.Locator("section", new() { HasText = "The last 24 hours of talk under it" }).InnerTextAsync();
        Assert.Contains("Would have cost", trial, StringComparison.Ordinal);
        Assert.Contains("Answered at the first try", trial, StringComparison.Ordinal);
        Assert.Contains("slow/sandbox-chat", trial, StringComparison.Ordinal);
        await visitor.ShootAsync("policy-trial-en-wide-light");
        Assert.Empty(await visitor.SeriousFindingsAsync());

        // Nothing is in force yet.
        await visitor.OpenAsync("/console/routes/talk");
        Assert.DoesNotContain("trial", await page.GetByLabel("Policy", new() { Exact = true }).Locator("option").AllInnerTextsAsync());

        await visitor.OpenAsync("/console/policies/edit");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("trial");
        await page.GetByLabel("Quality, %").FillAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.WaitForURLAsync("**/console/policies?said=rule_saved", ConsoleLab.Arrived);
        Assert.Contains("the console, set by ada", await page.Locator("tr", new() { HasText = "trial" }).InnerTextAsync(), StringComparison.Ordinal);

        await page.Locator("tr", new() { HasText = "trial" }).GetByRole(AriaRole.Link, new() { Name = "Change" }).ClickAsync();
        Assert.Equal("90", await page.GetByLabel("Availability, %").InputValueAsync());
        await page.EvaluateAsync("() => { window.confirm = () => true; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.WaitForURLAsync("**/console/policies?said=rule_deleted", ConsoleLab.Arrived);
        Assert.Equal(0, await page.Locator("tr", new() { HasText = "trial" }).CountAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_model_is_made_a_route_by_a_policy_and_clients_go_by_it_at_once()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        Assert.Equal(404, await lab.StatusAsync("made-here"));
        await visitor.OpenAsync("/console/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "New route" }).ClickAsync();

        await page.GetByLabel("Name that clients ask for").FillAsync("made-here");
        await page.GetByLabel("Policy", new() { Exact = true }).SelectOptionAsync("cheap");
        await page.GetByLabel("Candidates").FillAsync("good/sandbox-chat\nnobody/sandbox-chat");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("nobody", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("Candidates").FillAsync("good/sandbox-chat\nslow/sandbox-chat");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await page.WaitForURLAsync("**/console/routes/made-here?said=rule_saved", ConsoleLab.Arrived);
        Assert.Contains("the console, set by ada", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await lab.StatusAsync("made-here"));
        Assert.Contains("made-here", await lab.RunAsync("models"), StringComparison.Ordinal);
        Assert.Contains("good/sandbox-chat", await lab.RunAsync("route", "explain", "made-here"), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Change the route" }).ClickAsync();
        await page.EvaluateAsync("() => { window.confirm = () => true; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.WaitForURLAsync("**/console/routes?said=rule_deleted", ConsoleLab.Arrived);
        Assert.Equal(404, await lab.StatusAsync("made-here"));
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task What_the_file_says_of_a_route_cannot_be_changed_in_the_console()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;

        await visitor.OpenAsync("/console/routes/talk");
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new() { Name = "Change the route" }).CountAsync());
        Assert.Contains("the file wins", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);

        await visitor.OpenAsync("/console/route/edit?name=talk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("the file wins", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_budget_of_probes_is_set_in_the_console_and_in_force_at_once()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/settings");

        await page.GetByLabel("What the audits of one upstream may cost in a day").FillAsync("plenty");
        await page.Locator("#audits").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("budget", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("What the audits of one upstream may cost in a day").FillAsync("0.20USD, 1.40CNY");
        await page.Locator("#audits").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await page.WaitForURLAsync("**/console/settings?said=rule_saved", ConsoleLab.Arrived);
        Assert.Equal("0.20USD, 1.40CNY", await page.GetByLabel("What the audits of one upstream may cost in a day").InputValueAsync());
        Assert.Contains("the console, set by ada", await page.Locator("#audits").InnerTextAsync(), StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("/console/policies/edit", "Name", "Anything else, as the configuration file says it")]
    [InlineData("/console/route/edit", "Name that clients ask for", "Candidates")]
    public async Task Hostile_words_in_a_rule_are_given_back_as_words(string path, string name, string other)
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync(path);

        await page.GetByLabel(name, new() { Exact = true }).FillAsync(ConsoleLab.Hostile);
        await page.GetByLabel(other).FillAsync(ConsoleLab.Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        Assert.True(await page.GetByRole(AriaRole.Alert).IsVisibleAsync());
        Assert.Equal(ConsoleLab.Hostile, await page.GetByLabel(name, new() { Exact = true }).InputValueAsync());
        Assert.Equal(ConsoleLab.Hostile, await page.GetByLabel(other).InputValueAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_hostile_name_of_a_key_or_a_model_on_the_connect_page_stays_words()
    {
        await using var visitor = await lab.VisitAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/console/connect?client=opencode&model=" + Uri.EscapeDataString("any/" + ConsoleLab.Hostile));

        await page.GetByLabel("Name of the new key").FillAsync(ConsoleLab.Hostile + " agent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key and fill it in" }).ClickAsync();

        var file = await page.Locator("#paste-file").InnerTextAsync();
        Assert.DoesNotContain(ConsoleLab.Hostile, file, StringComparison.Ordinal); // it is to be pasted: what is no plain name is not taken from a link
        using var parsed = System.Text.Json.JsonDocument.Parse(file);
        Assert.StartsWith("trivet/", parsed.RootElement.GetProperty("model").GetString(), StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }
}
