using System.Text;
using Trivet.Core.Snapshots;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Snapshots;

public sealed class GatewaySnapshotTests
{
    private const string Two =
        """
        upstreams:
          - { name: first, vendor: custom, keys: [k], endpoints: { openai-chat: 'https://a.example/v1' }, models: [shared, only-first, "fam-*"], model_aliases: { nick: only-first } }
          - { name: second, vendor: zhipu, keys: [k], models: [shared, glm-5.3, "*"] }
          - { name: off, vendor: openai, keys: [k], models: [shared, sleeping], enabled: false }

        """;

    private const string Routed = Two +
        """
        routes:
          - { model: best, aliases: [top, "top-*"], display_name: The best, candidates: [{ upstream: second, model: glm-5.3 }, { upstream: first, model: nick }] }
          - { model: claude-*, candidates: [{ upstream: second, model: glm-5.3 }] }
          - { model: claude-haiku-*, candidates: [{ upstream: first, model: "small-*" }], policy: weighted }
          - { model: "o*-mini", candidates: [{ upstream: second }] }
          - { model: dead, candidates: [{ upstream: off, model: sleeping }] }
        """;

    [Theory]
    [InlineData("best", "best", RouteMatch.Route, "second/glm-5.3 first/only-first")]
    [InlineData("top", "best", RouteMatch.Alias, "second/glm-5.3 first/only-first")]
    [InlineData("top-9", "best", RouteMatch.Wildcard, "second/glm-5.3 first/only-first")]
    [InlineData("claude-sonnet-5", "claude-*", RouteMatch.Wildcard, "second/glm-5.3")]
    [InlineData("claude-haiku-4-5", "claude-haiku-*", RouteMatch.Wildcard, "first/small-4-5")]
    [InlineData("o9-mini", "o*-mini", RouteMatch.Wildcard, "second/o9-mini")]
    [InlineData("shared", "shared", RouteMatch.Model, "first/shared second/shared")]
    [InlineData("only-first", "only-first", RouteMatch.Model, "first/only-first")]
    [InlineData("nick", "nick", RouteMatch.Model, "first/only-first")]
    [InlineData("fam-7", "fam-7", RouteMatch.Model, "first/fam-7")]
    [InlineData("second/shared", "second/shared", RouteMatch.Qualified, "second/shared")]
    [InlineData("first/nick", "first/nick", RouteMatch.Qualified, "first/only-first")]
    [InlineData("second/never-heard-of/it", "second/never-heard-of/it", RouteMatch.Qualified, "second/never-heard-of/it")]
    [InlineData("claude-via-glm-5.3", "glm-5.3", RouteMatch.Model, "second/glm-5.3")]
    [InlineData("claude-via-second/new", "second/new", RouteMatch.Qualified, "second/new")]
    [InlineData("claude-via-nothing", "claude-*", RouteMatch.Wildcard, "second/glm-5.3")]
    [InlineData("glm-5.3[1m]", "glm-5.3", RouteMatch.Model, "second/glm-5.3")]
    [InlineData("claude-haiku-4-5[1m]", "claude-haiku-*", RouteMatch.Wildcard, "first/small-4-5")]
    [InlineData("claude-via-glm-5.3[1m]", "glm-5.3", RouteMatch.Model, "second/glm-5.3")]
    public void A_name_resolves_by_route_alias_qualified_name_pattern_and_model_in_this_order(string name, string route, RouteMatch match, string candidates)
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));

        Assert.True(snapshot.TryResolve(name, out var resolved));
        Assert.Equal(route, resolved.Name);
        Assert.Equal(match, resolved.Match);
        Assert.Equal(candidates, string.Join(' ', resolved.Candidates));

        Assert.True(snapshot.TryResolve(Encoding.UTF8.GetBytes(name), out var again));
        Assert.Same(resolved, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unheard-of")]
    [InlineData("third/shared")]
    [InlineData("second/")]
    [InlineData("/shared")]
    [InlineData("first/unknown")]
    [InlineData("sleeping")]
    [InlineData("off/sleeping")]
    [InlineData("dead")]
    [InlineData("fam-*")]
    [InlineData("*")]
    [InlineData("first/*")]
    public void A_name_that_nobody_serves_does_not_resolve(string name)
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));

        Assert.False(snapshot.TryResolve(name, out _));
        Assert.False(snapshot.TryResolve(Encoding.UTF8.GetBytes(name), out _));
    }

    [Theory]
    [InlineData("shared")] // which others offer
    [InlineData("claude-*")] // which a broader pattern fits
    public void A_route_of_which_every_upstream_is_off_keeps_its_names_and_says_who_is_off(string model)
    {
        var snapshot = GatewaySnapshot.Compile(Good(Two + $"routes:\n  - {{ model: '{model}', candidates: [{{ upstream: off, model: sleeping }}] }}\n  - {{ model: '*', candidates: [{{ upstream: first, model: shared }}] }}\n"));
        var name = model.Replace("*", "x", StringComparison.Ordinal);

        Assert.False(snapshot.TryResolve(name, out _));
        Assert.Equal($"The route '{model}': none of its upstreams can be asked: 'off' is switched off.", snapshot.BrokenRoute(name));
        Assert.Equal([model], snapshot.BrokenRoutes.Select(route => route.Model));
        Assert.DoesNotContain(snapshot.Models, listed => listed.Id == name);
        Assert.True(snapshot.TryResolve("second/shared", out _)); // whoever asks an upstream by name means it
    }

    [Fact]
    public void An_exact_suffix_in_the_configuration_wins_over_stripping_it()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Two.Replace("only-first,", "only-first, 'shared[1m]',", StringComparison.Ordinal)));

        Assert.True(snapshot.TryResolve("shared[1m]", out var resolved));
        Assert.Equal("first/shared[1m]", Assert.Single(resolved.Candidates).Id);
    }

    [Fact]
    public void An_upstream_stays_reachable_by_its_own_name_whatever_a_star_is_routed_to()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Two + "routes:\n  - { model: '*', candidates: [{ upstream: first, model: shared }] }\n"));

        Assert.True(snapshot.TryResolve("second/glm-5.3", out var qualified));
        Assert.Equal(RouteMatch.Qualified, qualified.Match);
        Assert.True(snapshot.TryResolve("glm-5.3", out var bare));
        Assert.Equal(RouteMatch.Wildcard, bare.Match);
    }

    [Fact]
    public void A_known_name_is_found_from_bytes_without_allocating()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));
        var known = "best"u8.ToArray();
        var remembered = "claude-haiku-4-5"u8.ToArray();
        for (var i = 0; i < 100; i++) Assert.True(snapshot.TryResolve(known, out _) & snapshot.TryResolve(remembered, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) snapshot.TryResolve(known, out _);
        for (var i = 0; i < 100; i++) snapshot.TryResolve(remembered, out _);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Names_invented_by_clients_do_not_fill_the_memory()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));
        for (var i = 0; i < 5000; i++) Assert.True(snapshot.TryResolve($"second/made-up-{i}", out _));

        Assert.True(snapshot.TryResolve("second/made-up-4999", out var first));
        Assert.True(snapshot.TryResolve("second/made-up-4999", out var second));
        Assert.NotSame(first, second); // not remembered: the bound is reached
    }

    [Fact]
    public void The_list_has_routes_aliases_and_models_and_then_names_that_claude_code_shows()
    {
        var models = GatewaySnapshot.Compile(Good(Routed)).Models;

        Assert.Equal(
            ["best", "top", "shared", "only-first", "nick", "glm-5.3", "claude-via-best", "claude-via-top", "claude-via-shared", "claude-via-only-first", "claude-via-nick", "claude-via-glm-5.3"],
            models.Select(model => model.Id));
        Assert.Equal("The best", models[0].DisplayName);
        Assert.Equal("zhipu", models[0].OwnedBy);
        Assert.Equal("glm-5.3 via Zhipu (bigmodel.cn)", models[^1].DisplayName);
        Assert.True(models[^1].IsDiscoveryAlias);
        Assert.Equal(DateTimeOffset.UnixEpoch, models[0].Created);
    }

    [Fact]
    public void Every_listed_name_resolves()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));

        Assert.All(snapshot.Models, model => Assert.True(snapshot.TryResolve(model.Id, out _), model.Id));
        Assert.True(snapshot.TryGetModel("claude-via-glm-5.3", out _));
        Assert.False(snapshot.TryGetModel("sleeping", out _));
    }

    [Fact]
    public void A_disabled_upstream_is_known_by_name_and_serves_nothing()
    {
        var snapshot = GatewaySnapshot.Compile(Good(Routed));

        Assert.True(snapshot.TryGetUpstream("off", out var off));
        Assert.False(off.Enabled);
        Assert.DoesNotContain(snapshot.Models, model => model.Id == "sleeping");
    }

    [Fact]
    public void An_offering_brings_the_quirks_of_its_model()
    {
        var snapshot = GatewaySnapshot.Compile(Good("upstreams:\n  - { name: kimi, vendor: moonshot, keys: [k] }\n"));

        Assert.True(snapshot.TryResolve("kimi-k3", out var route));
        Assert.False(route.Candidates[0].Quirks(Trivet.Wire.Canonical.Protocol.OpenAIChat).Thinking.CanDisable);
    }
}
