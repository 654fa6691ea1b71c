using Trivet.Core.Admin.Books;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Accounts;

namespace Trivet.Tests.Admin;

public sealed class PlanAdminTests
{
    private const string Plan = """
        upstreams:
          - name: glm
            vendor: zhipu
            site: plan
            keys: [k]
            models: [glm-5.3, glm-4.7]
            plan: { fee: 49, currency: CNY, windows: [{ every: 168h, tokens: 1000000 }, { every: 5h, requests: 100, tokens: 1000000 }], multipliers: { glm-5.3: 3 } }
        """;

    [Fact]
    public async Task Use_is_worked_out_from_the_books_with_each_model_counted_as_often_as_the_plan_counts_it()
    {
        var time = new ManualTime();
        var books = new Books(
            new UsageLine { Group = "glm-5.3", Attempts = 10, InputUncachedTokens = 1000, OutputTextTokens = 100 },
            new UsageLine { Group = "glm-4.7", Attempts = 12, InputCacheReadTokens = 5000, OutputReasoningTokens = 700 });

        var quotas = (await new PlanAdmin(books, time).EstimateAsync(Read().Upstreams[0], TestContext.Current.CancellationToken)).Value;

        Assert.Equal(new AccountQuota("5h", 42m, 100, 58, null, IsEstimate: true), quotas[0]);
        Assert.Equal(new AccountQuota("weekly", 0.9m, 1_000_000, 1_000_000 - 3300 - 5700, null, IsEstimate: true), quotas[1]);
        Assert.Equal([(time.GetUtcNow().AddHours(-5), "glm"), (time.GetUtcNow().AddDays(-7), "glm")], books.Asked.Select(query => (DateTimeOffset.FromUnixTimeMilliseconds(query.SinceMs), query.Upstream!)));
    }

    [Fact]
    public void A_request_to_a_plan_costs_nothing_and_its_list_price_is_noted()
    {
        Assert.True(GatewaySnapshot.Compile(Read()).TryResolve("glm-5.3", out var route));

        var quote = PriceBook.WithoutFx.Price(route.Candidates[0].Price, new MeterCounts { Input = 1_000_000, Requests = 1 }, DateTimeOffset.Parse("2026-11-30T00:00Z"), ServiceTier.Standard);

        Assert.True(route.Candidates[0].IsPriced);
        Assert.Equal((0L, "CNY", 8_000_000_000L), (quote.BilledNano, quote.Currency, quote.ListNano));
    }

    [Fact]
    public void The_site_of_a_plan_is_a_plan_without_a_word_about_it()
    {
        Assert.True(GatewaySnapshot.Compile(Read("upstreams:\n  - { name: glm, vendor: zhipu, site: plan, keys: [k], models: [glm-5.3] }")).TryResolve("glm-5.3", out var plan));
        Assert.True(GatewaySnapshot.Compile(Read("upstreams:\n  - { name: glm, vendor: zhipu, keys: [k], models: [glm-5.3] }")).TryResolve("glm-5.3", out var paid));

        Assert.True(plan.Candidates[0].Price.IsPlan);
        Assert.False(paid.Candidates[0].Price.IsPlan);
    }

    [Fact]
    public void The_fee_is_spread_over_the_time()
    {
        var plan = Read().Upstreams[0].Plan!;

        Assert.Equal(49_000_000_000, plan.FeeFor(TimeSpan.FromDays(365.2425 / 12)));
        Assert.Equal(12 * 49_000_000_000L, plan.FeeFor(TimeSpan.FromDays(365.2425)));
        Assert.Equal(0, plan.FeeFor(TimeSpan.Zero));
        var now = DateTimeOffset.Parse("2026-11-30T00:00Z");
        Assert.Equal([new PlanFee("glm", "CNY", 49_000_000_000, null)], PlanFee.Of(Read().Upstreams, null, now));
        Assert.Equal(plan.FeeFor(TimeSpan.FromDays(1)), Assert.Single(PlanFee.Of(Read().Upstreams, now.AddDays(-1), now)).ShareNano);
    }

    [Theory]
    [InlineData("plan: { fee: 49 }", "currency")]
    [InlineData("plan: { windows: [{ every: 5h }] }", "requests")]
    [InlineData("plan: { windows: [{ requests: 5 }] }", "every")]
    public void A_plan_that_says_too_little_is_a_problem(string plan, string word)
    {
        var reading = ConfigReader.Read($"upstreams:\n  - name: glm\n    vendor: zhipu\n    keys: [k]\n    {plan}\n", ConfigSource.Environment, _ => null);

        Assert.Contains(word, Assert.Single(reading.Problems).Message);
    }

    private static GatewayConfig Read(string yaml = Plan)
    {
        var reading = ConfigReader.Read(yaml, ConfigSource.Environment, _ => null);
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }

    private sealed class Books(params UsageLine[] lines) : IUsageStore
    {
        public List<UsageQuery> Asked { get; } = [];

        public ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
        {
            Asked.Add(query);
            return new(StoreOutcome.Of<IReadOnlyList<UsageLine>>(lines));
        }

        public ValueTask<StoreOutcome<UsageChart>> ChartAsync(UsageQuery query, UsageGroup drawnBy, long stepMs, int groupsMax, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
