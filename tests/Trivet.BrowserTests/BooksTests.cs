using Microsoft.Playwright;

namespace Trivet.BrowserTests;

/// <summary>Requests, keys and money, as people use them.</summary>
public sealed class BooksTests(ConsoleLab lab)
{
    [Fact]
    public async Task A_request_leads_to_its_transfer_and_that_to_an_account_and_back()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/requests?upstream=dear&outcome=answered");
        await visitor.Page.Locator("tbody tr a").First.ClickAsync();
        var request = visitor.Page.Url;

        await visitor.Page.Locator("#transfers tbody a").First.ClickAsync();
        await visitor.Page.Locator("a.account").First.ClickAsync();
        Assert.Contains("/USD", await visitor.Page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        await visitor.Page.GoBackAsync();
        await visitor.Page.Locator("dd a", new() { HasText = "req_" }).ClickAsync();

        Assert.Equal(request, visitor.Page.Url);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task New_requests_come_in_while_they_are_followed()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/requests");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Follow live" }).ClickAsync();
        var before = await visitor.Page.Locator(".live tbody a").First.GetAttributeAsync("href");

        await lab.AskAsync(2);

        await visitor.Page.WaitForFunctionAsync("before => document.querySelector('.live tbody a').getAttribute('href') !== before", before);
        await visitor.SawNothingWrongAsync();
    }

    [Fact]
    public async Task A_key_is_made_shown_once_limited_and_revoked()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/keys");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "New key" }).ClickAsync();
        await visitor.Page.GetByLabel("Name").FillAsync("from the console");
        await visitor.Page.GetByLabel("Budgets").FillAsync("five dollars");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        Assert.Contains("Write an amount", await visitor.Page.Locator(".problem").InnerTextAsync(), StringComparison.Ordinal);
        await visitor.Page.GetByLabel("Budgets").FillAsync("5 USD/day");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var secret = await visitor.Page.Locator("#secret").InnerTextAsync();
        Assert.StartsWith("trv_", secret, StringComparison.Ordinal);

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "To the key" }).ClickAsync();
        Assert.DoesNotContain(secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await visitor.Page.GetByLabel("Requests per minute").FillAsync("30");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Equal("30", await visitor.Page.GetByLabel("Requests per minute").InputValueAsync());
        Assert.Contains("from the console", await lab.RunAsync("keys", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_accountant_books_is_booked_once_and_seen_in_the_account()
    {
        await using var visitor = await lab.VisitAsync();
        await visitor.OpenAsync("/console/money/book");
        var form = visitor.Page.Locator("section", new() { HasText = "A customer paid" });
        await form.GetByLabel("Organisation").FillAsync("acme");
        await form.GetByLabel("Amount").FillAsync("50.00 USD");
        await form.GetByLabel("Your reference").FillAsync("invoice-1");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        Assert.Contains("Booked.", await visitor.Page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);

        await visitor.Page.GoBackAsync(); // the form as it was kept, with the same number
        await visitor.OpenAsync("/console/money/account?id=customer/acme/USD");

        Assert.Contains("−$50.00", await visitor.Page.Locator(".tiles").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await visitor.Page.Locator("tbody tr").CountAsync());
        await visitor.SawNothingWrongAsync();
    }

    [Theory]
    [InlineData("/console/requests?since=yesterday")]
    [InlineData("/console/requests?status=many")]
    [InlineData("/console/money?since=never")]
    [InlineData("/console/money/transfers?after=here")]
    public async Task A_filter_that_makes_no_sense_is_told_and_breaks_nothing(string path)
    {
        await using var visitor = await lab.VisitAsync();

        Assert.Equal(200, await visitor.OpenAsync(path));
        Assert.True(await visitor.Page.GetByRole(AriaRole.Alert).IsVisibleAsync());
        await visitor.SawNothingWrongAsync();
    }
}
