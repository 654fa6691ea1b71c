using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>
/// Four questions that people come with, walked from the overview by what is written on the pages, in both languages. Nothing is addressed that a person would have to know:
/// only words that are seen are clicked, and what is found is held against what really happened.
/// </summary>
public sealed partial class NewcomerTests(ConsoleLab lab)
{
    [Theory]
    [InlineData("en", "Why was a request slow?", "slow", @"Why it took \d", "went by until slow sent its first content|while \\d+ tokens arrived", "How slow does over time")]
    [InlineData("zh", "请求为什么慢？", "slow", @"为什么用了 ", "等待 slow 的首个内容用去|接收 \\d+ 个词元用去", "slow 的历史表现")]
    public async Task Why_was_a_request_slow(string language, string ask, string upstream, string why, string reason, string further)
    {
        await using var visitor = await lab.VisitAsync(language: language);
        var page = visitor.Page;
        await visitor.OpenAsync("/console");

        await page.GetByRole(AriaRole.Link, new() { Name = ask }).ClickAsync();
        await page.Locator("tbody tr", new() { HasText = upstream + "/" }).First.GetByRole(AriaRole.Link).First.ClickAsync();

        var section = page.Locator("section", new() { Has = page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex(why) }) });
        var words = await section.InnerTextAsync();
        Assert.Matches(reason, words);
        Assert.Contains("%", words, StringComparison.Ordinal);
        Assert.True(await section.Locator(".waterfall .try").CountAsync() > 0);
        await section.GetByRole(AriaRole.Link, new() { NameRegex = new Regex(further) }).ClickAsync();
        Assert.Equal(upstream, await page.Locator("h1").InnerTextAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en", "What did a team spend?", "Models of", "Filter", "Cost")]
    [InlineData("zh", "某个团队花了多少？", "模型厂商", "筛选", "成本")]
    public async Task What_did_a_team_spend_on_a_makers_models_this_week(string language, string ask, string makers, string filter, string cost)
    {
        await using var visitor = await lab.VisitAsync(language: language);
        var page = visitor.Page;
        await visitor.OpenAsync("/console");

        await page.GetByRole(AriaRole.Link, new() { Name = ask }).ClickAsync();
        await page.Locator("tbody").GetByRole(AriaRole.Link, new() { Name = "default/" + ConsoleLab.Team, Exact = true }).ClickAsync();
        var all = await TileAsync(page, cost);
        var options = await page.GetByLabel(makers).Locator("option").AllInnerTextsAsync();
        await page.GetByLabel(makers).SelectOptionAsync(new SelectOptionValue { Label = options.Single(option => option.Contains("claude", StringComparison.OrdinalIgnoreCase)) });
        await page.GetByRole(AriaRole.Button, new() { Name = filter, Exact = true }).ClickAsync();

        // Three answers of the relay's; what the team asked of others is not in it.
        var spent = await TileAsync(page, cost);
        Assert.StartsWith("$", spent, StringComparison.Ordinal);
        Assert.NotEqual(all, spent);
        Assert.Equal("3", await TileAsync(page, language == "zh" ? "尝试" : "Attempts"));

        // The number leads to the models it is of, each of those to its requests.
        await page.Locator(".tile", new() { HasText = cost }).First.GetByRole(AriaRole.Link).ClickAsync();
        var line = page.Locator("tbody tr", new() { HasText = ConsoleLab.Claude });
        await line.GetByRole(AriaRole.Link).Last.ClickAsync();
        Assert.Equal(3, await page.Locator("tbody tr", new() { HasText = ConsoleLab.Claude }).CountAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en", "Which upstream to drop?", "Drop flaky", "attempts in 24 h failed")]
    [InlineData("zh", "该停用哪个上游？", "建议停用 flaky", "次尝试中失败")]
    public async Task Which_upstream_to_drop(string language, string ask, string verdict, string reason)
    {
        await using var visitor = await lab.VisitAsync(language: language);
        var page = visitor.Page;
        await visitor.OpenAsync("/console");

        await page.GetByRole(AriaRole.Link, new() { Name = ask }).ClickAsync();

        var first = page.Locator("#drop li").First;
        Assert.Contains(reason, await first.InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await page.Locator("#drop").IsVisibleAsync());
        await first.GetByRole(AriaRole.Link, new() { Name = verdict }).ClickAsync();
        Assert.Equal("flaky", await page.Locator("h1").InnerTextAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("en", "How do I connect Claude Code?", "Model", "Show what to paste", "Name of the new key", "Make a key and fill it in")]
    [InlineData("zh", "如何接入 Claude Code？", "模型", "显示配置", "新密钥名称", "生成密钥并填入")]
    public async Task How_to_give_Claude_Code_a_domestic_model(string language, string ask, string model, string show, string keyName, string make)
    {
        await using var visitor = await lab.VisitAsync(language: language);
        var page = visitor.Page;
        await visitor.OpenAsync("/console");

        await page.GetByRole(AriaRole.Link, new() { Name = ask }).ClickAsync();
        await page.GetByLabel(model, new() { Exact = true }).SelectOptionAsync(ConsoleLab.Domestic);
        await page.GetByRole(AriaRole.Button, new() { Name = show }).ClickAsync();
        await page.GetByLabel(keyName).FillAsync($"my agent, {language}");
        await page.GetByRole(AriaRole.Button, new() { Name = make }).ClickAsync();

        // What stands there to paste is used as Claude Code would use it.
        var set = Export().Matches(await page.Locator("#paste-variables").InnerTextAsync()).ToDictionary(line => line.Groups["name"].Value, line => line.Groups["value"].Value);
        Assert.Equal(ConsoleLab.Domestic, set["ANTHROPIC_MODEL"]);
        Assert.Equal("claude", await page.Locator("#paste-start").InnerTextAsync());
        using var agent = new HttpClient { BaseAddress = new Uri(set["ANTHROPIC_BASE_URL"]) };
        agent.DefaultRequestHeaders.Authorization = new("Bearer", set["ANTHROPIC_AUTH_TOKEN"]);
        using var answer = await ConsoleLab.WhenKeyIsKnownAsync(
            () => agent.PostAsJsonAsync("/v1/messages", new { model = set["ANTHROPIC_MODEL"], max_tokens = 20, messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken));
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        Assert.Contains("\"type\":\"message\"", body, StringComparison.Ordinal);

        // Shown this once.
        await visitor.OpenAsync("/console/connect");
        Assert.DoesNotContain(set["ANTHROPIC_AUTH_TOKEN"], await page.ContentAsync(), StringComparison.Ordinal);
        await visitor.SawNothingWrongAsync();
    }

    private static async Task<string> TileAsync(IPage page, string label) =>
        (await page.Locator(".tile", new() { Has = page.Locator("dt", new() { HasTextRegex = new Regex($"^{label}$") }) }).First.Locator(".number").InnerTextAsync()).Trim();

    [GeneratedRegex("^export (?<name>[A-Z_]+)=(?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Export();
}
