using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Admin;

/// <summary>Usage of a maker's models, wherever they are hosted.</summary>
public sealed class UsageAdminTests
{
    [Fact]
    public async Task A_makers_models_are_those_that_the_books_know_by_its_names_with_or_without_a_prefix()
    {
        var books = new Books("claude-sonnet-4-5", "anthropic/claude-opus-4-1", "gpt-5", "not-claude");

        var report = (await new UsageAdmin(books, null!).ReportAsync(new UsageQuery { Maker = "anthropic", Team = "research", By = UsageGroup.Upstream }, TestContext.Current.CancellationToken)).Value;

        Assert.NotEmpty(report.Lines);
        Assert.Equal([UsageGroup.Model, UsageGroup.Upstream], books.Asked.Select(query => query.By));
        Assert.All(books.Asked, query => Assert.Equal("research", query.Team));
        Assert.Equal(["claude-sonnet-4-5", "anthropic/claude-opus-4-1"], books.Asked[1].Models);
    }

    [Fact]
    public async Task Nothing_is_added_up_where_no_model_of_the_maker_was_asked()
    {
        var report = (await new UsageAdmin(new Books("gpt-5"), null!).ReportAsync(new UsageQuery { Maker = "anthropic" }, TestContext.Current.CancellationToken)).Value;

        Assert.Empty(report.Lines);
        Assert.Empty(report.Totals);
    }

    [Theory]
    [InlineData("anthropic", null)]
    [InlineData("claude", "maker=claude is unknown")]
    [InlineData("openrouter", "maker=openrouter is unknown")]
    public void A_maker_is_named_as_the_catalogue_names_vendors(string maker, string? problem)
    {
        new QueryText(name => name == "maker" ? maker : null, DateTimeOffset.UnixEpoch).TryReadUsage(out var query, out var told);

        Assert.Equal(problem is null ? maker : null, query?.Maker);
        Assert.StartsWith(problem ?? "", told ?? "", StringComparison.Ordinal);
    }

    private sealed class Books(params string[] models) : IUsageStore
    {
        public List<UsageQuery> Asked { get; } = [];

        public ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
        {
            Asked.Add(query);
            return new(StoreOutcome.Of<IReadOnlyList<UsageLine>>([.. models.Select(model => new UsageLine { Group = model, Currency = "USD", Attempts = 1 })]));
        }

        public ValueTask<StoreOutcome<UsageChart>> ChartAsync(UsageQuery query, UsageGroup drawnBy, long stepMs, int groupsMax, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
