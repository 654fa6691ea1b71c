using Trivet.Core.Catalogue;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Accounts;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Sandbox;

namespace Trivet.Tests.Upstreams;

/// <summary>Balances and quotas as each vendor tells them, asked of the sandbox, which has its own idea of the shapes.</summary>
public sealed class AccountProbeTests
{
    private static readonly AccountProbe Probe = new(ModelCatalogue.Shipped, TimeProvider.System);

    [Theory]
    [InlineData("deepseek", "default", "USD", 110, 10.0)]
    [InlineData("moonshot", "cn", "CNY", 110, 10.0)]
    [InlineData("moonshot", "intl", "USD", 110, 10.0)]
    [InlineData("siliconflow", "cn", "CNY", 110, 10.0)]
    [InlineData("siliconflow", "intl", "USD", 110, 10.0)]
    [InlineData("openrouter", "default", "USD", 110, null)]
    public async Task A_balance_is_read_in_the_currency_of_the_account(string vendor, string site, string currency, int units, double? granted)
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { ApiKeys = ["sk-right"], Account = new SandboxAccount { Currency = "USD" } }, TestContext.Current.CancellationToken);

        var state = Assert.Single(await Probe.AskAsync(Upstream(vendor, site, sandbox, "sk-right"), TestContext.Current.CancellationToken));

        Assert.Null(state.Problem);
        Assert.Equal(new AccountBalance(units * 1_000_000_000L, currency, granted is { } given ? (long)given * 1_000_000_000 : null), Assert.Single(state.Balances));
    }

    [Theory]
    [InlineData("zhipu", "plan")]
    [InlineData("zai", "plan")]
    [InlineData("moonshot", "code")]
    public async Task What_is_left_of_a_plan_is_read_window_by_window(string vendor, string site)
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), TestContext.Current.CancellationToken);

        var state = Assert.Single(await Probe.AskAsync(Upstream(vendor, site, sandbox, "k"), TestContext.Current.CancellationToken));

        Assert.Null(state.Problem);
        Assert.Empty(state.Balances);
        Assert.Equal([("5h", 15m, new DateTimeOffset(2026, 12, 1, 5, 0, 0, default)), ("weekly", 26m, new DateTimeOffset(2026, 12, 7, 0, 0, 0, default))],
            state.Quotas.Select(quota => (quota.Window, quota.UsedPercent!.Value, quota.ResetsAt!.Value)));
    }

    [Fact]
    public async Task Each_key_has_an_account_of_its_own_and_a_refused_one_says_so()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { ApiKeys = ["sk-right"] }, TestContext.Current.CancellationToken);

        var states = await Probe.AskAsync(Upstream("deepseek", "default", sandbox, "sk-wrong", "sk-right"), TestContext.Current.CancellationToken);

        Assert.Equal(["u#1", "u#2"], states.Select(state => state.CredentialId));
        Assert.Contains("401", states[0].Problem);
        Assert.Null(states[1].Problem);
    }

    [Fact]
    public async Task A_vendor_without_an_endpoint_is_told_as_such_and_asked_nothing()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), TestContext.Current.CancellationToken);
        var upstream = Upstream("anthropic", "default", sandbox, "k");

        Assert.False(AccountProbe.CanAsk(upstream));
        Assert.NotNull(Assert.Single(await Probe.AskAsync(upstream, TestContext.Current.CancellationToken)).Problem);
        Assert.Empty(sandbox.Log.All());
    }

    [Fact]
    public void Every_account_endpoint_of_a_profile_has_a_source_and_tells_something() => Assert.All(VendorProfiles.All.SelectMany(profile => profile.Account.Select(reading => (profile, reading))), one =>
    {
        Assert.StartsWith("/", one.reading.Path);
        Assert.StartsWith("https://", one.reading.Source);
        Assert.True(one.reading.Kind == AccountKind.Balance ? one.reading.Amount.Length > 0 : one.reading.Windows.Count > 0);
        Assert.All(one.reading.Sites, site => Assert.Contains(one.profile.Sites, known => known.Name == site));
    });

    [Fact]
    public void The_sites_of_plans_are_sites() => Assert.All(VendorProfiles.All, profile => Assert.All(profile.PlanSites, site => Assert.Contains(profile.Sites, known => known.Name == site)));

    private static UpstreamConfig Upstream(string vendor, string site, SandboxHost sandbox, params string[] keys) => new()
    {
        Name = "u",
        Profile = VendorProfiles.Get(vendor),
        Site = site,
        Endpoints = [.. VendorProfiles.Get(vendor).Sites.First(known => known.Name == site).Endpoints.Select(endpoint => EnvironmentConfig.Move(endpoint, sandbox.Address))],
        Credentials = [.. keys.Select((key, i) => new Credential($"u#{i + 1}", new Secret(key)))],
    };
}
