using Trivet.Core.Snapshots;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Snapshots;

public sealed class ConfigProblemTests
{
    [Theory]
    [InlineData("lisen: http://127.0.0.1:1", "line 1: unknown key 'lisen' at the top level; did you mean 'listen'?")]
    [InlineData("upstreams:\n  - name: a\n    vendor: openai\n    keys: [k]\n    endpoint: {}", "line 5: unknown key 'endpoint' in upstreams[0]; did you mean 'endpoints'?")]
    [InlineData("upstreams:\n  - { name: a, vendor: opanai, keys: [k] }", "line 2: unknown vendor 'opanai' in upstreams[0].vendor; did you mean 'openai'?")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k] }\n  - { name: a, vendor: openai, keys: [k] }", "line 3: a second upstream is called 'a' (the first is on line 2)")]
    [InlineData("upstreams:\n  - { name: a/b, vendor: openai, keys: [k] }", "line 2: upstreams[0].name may hold letters, digits")]
    [InlineData("upstreams:\n  - { name: a, keys: [k] }", "line 2: upstreams[0] needs the key 'vendor'")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai }", "line 2: upstreams[0] has no key; write keys: [\"${OPENAI_API_KEY}\"]")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [''] }", "line 2: upstreams[0].keys[0] must be text that is not empty")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: k }", "line 2: upstreams[0].keys must be a list")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: ['${NOPE}'] }", "line 2: environment variable NOPE is not set (wanted by upstreams[0].keys[0])")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: ['${NOPE'] }", "line 2: upstreams[0].keys[0]: '${' without '}'")]
    [InlineData("upstreams:\n  - { name: a, vendor: custom, keys: [k] }", "line 2: upstreams[0] needs the key 'endpoints'")]
    [InlineData("upstreams:\n  - { name: a, vendor: alibaba, keys: [k], site: intel }", "line 2: alibaba has no site 'intel'; did you mean 'intl'?")]
    [InlineData("upstreams:\n  - name: a\n    vendor: custom\n    keys: [k]\n    endpoints:\n      openai-chat: localhost:9001", "line 6: upstreams[0].endpoints.openai-chat must be an absolute http or https address, not 'localhost:9001'")]
    [InlineData("upstreams:\n  - name: a\n    vendor: custom\n    keys: [k]\n    endpoints:\n      openai-chat: https://x.example/v1/chat/completions", "line 6: upstreams[0].endpoints.openai-chat: leave '/chat/completions' out")]
    [InlineData("upstreams:\n  - name: a\n    vendor: custom\n    keys: [k]\n    endpoints:\n      anthropic-messages: https://x.example/v1", "line 6: upstreams[0].endpoints.anthropic-messages: leave '/v1' out")]
    [InlineData("upstreams:\n  - name: a\n    vendor: custom\n    keys: [k]\n    endpoints:\n      openai: https://x.example/v1", "line 6: unknown key 'openai' in upstreams[0].endpoints; known: openai-chat, openai-responses")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], deadlines: { connect: 2 } }", "line 2: upstreams[0].deadlines.connect must be a duration with its unit such as 500ms, 2s, 10m or 1m30s, not '2'")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], price: {} }", "line 2: upstreams[0].price says nothing")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], price: { factor: 1, currency: USD } }", "line 2: upstreams[0].price is either a factor or absolute rates, not both")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], price: { per_million: { input: 1 } } }", "line 2: upstreams[0].price needs the key 'currency'")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], price: { currency: USD, per_million: { input: 0.1234567 } } }", "must be a decimal number with at most 6 places")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], price: { factor: -1 } }", "must be a decimal number")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], enabled: yes }", "line 2: upstreams[0].enabled must be true or false, not 'yes'")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], ca_file: nowhere.pem }", "line 2: upstreams[0].ca_file: cannot read")]
    [InlineData("routes:\n  - { model: m, candidates: [{ upstream: labb }] }\nupstreams:\n  - { name: lab, vendor: openai, keys: [k] }", "line 2: unknown upstream 'labb' in routes[0].candidates[0].upstream; did you mean 'lab'?")]
    [InlineData("routes:\n  - { model: m, candidates: [] }", "line 2: routes[0].candidates is empty")]
    [InlineData("routes:\n  - { model: m }", "line 2: routes[0] needs the key 'candidates'")]
    [InlineData("upstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, policy: inorder, candidates: [{ upstream: lab }] }", "line 4: unknown policy 'inorder' in routes[0].policy; did you mean 'in-order'?")]
    [InlineData("upstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, loss: some, candidates: [{ upstream: lab }] }", "line 4: routes[0].loss must be one of safe, allow, strict, not 'some'")]
    [InlineData("upstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, candidates: [{ upstream: lab, model: 'x-*' }] }", "line 4: routes[0].candidates[0].model has a *, but 'm'")]
    [InlineData("upstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, aliases: [n], candidates: [{ upstream: lab }] }\n  - { model: n, candidates: [{ upstream: lab }] }", "line 5: a second route answers to 'n' (the first is on line 4)")]
    [InlineData("upstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, candidates: [{ upstream: lab, weight: 0 }] }", "line 4: routes[0].candidates[0].weight must be a whole number from 1")]
    [InlineData("policies:\n  p: { aim: cheepest }", "line 2: policies.p.aim must be one of cheapest, fastest, best, not 'cheepest'")]
    [InlineData("policies:\n  p: { floor: {} }", "line 2: unknown key 'floor' in policies.p; did you mean 'floors'?")]
    [InlineData("policies:\n  p:\n    floors: { qualty: 0.9 }\n    when_none: refuse", "line 3: unknown key 'qualty' in policies.p.floors; did you mean 'quality'?")]
    [InlineData("policies:\n  p: { floors: { quality: 95 }, when_none: refuse }", "line 2: policies.p.floors.quality must be a share from 0 to 1 such as 0.95, not '95'")]
    [InlineData("policies:\n  p: { floors: { quality: 0.9 } }", "line 2: policies.p needs the key 'when_none'")]
    [InlineData("policies:\n  p: { floors: { quality: 0.9 }, when_none: relax }", "line 2: policies.p needs the key 'relax'")]
    [InlineData("policies:\n  p: { floors: { quality: 0.9 }, when_none: relax, relax: [qualities] }", "line 2: policies.p.relax[0] must be one of quality, availability")]
    [InlineData("policies:\n  p: { when_none: refuse, relax: [quality] }", "line 2: policies.p.relax is of use with when_none: relax only")]
    [InlineData("policies:\n  p: { when_none: relax, relax: [quality, quality] }", "line 2: policies.p.relax[1]: 'quality' stands there twice")]
    [InlineData("policies:\n  p: { aim: {} }", "line 2: policies.p.aim gives neither seconds nor quality a worth")]
    [InlineData("policies:\n  weighted: { aim: cheapest }", "line 2: policies.weighted: 'weighted' is the name of")]
    [InlineData("policies:\n  p: { tasks: { codes: [openai] } }", "line 2: unknown key 'codes' in policies.p.tasks; did you mean 'code'?")]
    [InlineData("policies:\n  p: { floors: { vendors: [opanai] }, when_none: refuse }", "line 2: unknown vendor 'opanai' in policies.p.floors.vendors[0]; did you mean 'openai'?")]
    [InlineData("policies:\n  mine: {}\nupstreams:\n  - { name: lab, vendor: openai, keys: [k] }\nroutes:\n  - { model: m, policy: mein, candidates: [{ upstream: lab }] }", "line 6: unknown policy 'mein' in routes[0].policy; did you mean 'mine'?")]
    [InlineData("listen: 4180", "line 1: listen must be an address such as http://127.0.0.1:4180, not '4180'")]
    [InlineData("limits: { body_max: lots }", "line 1: limits.body_max must be a size such as 65536, 64KiB or 20MiB, not 'lots'")]
    [InlineData("- a\n- b", "line 1: the top level must be a mapping")]
    [InlineData("a: [1", "not valid YAML")]
    [InlineData("listen: http://127.0.0.1:1\nlisten: http://127.0.0.1:2", "line 2: not valid YAML")]
    [InlineData("listen: http://127.0.0.1:1\n---\nlisten: http://127.0.0.1:2", "a second document begins here")]
    public void Each_mistake_is_named_with_its_line_and_the_way_out(string yaml, string message)
    {
        var reading = Read(yaml);

        Assert.Null(reading.Config);
        Assert.Contains(message, Assert.Single(reading.Problems).ToString());
    }

    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_the_file()
    {
        var reading = Read("lissten: x\nupstreams:\n  - { name: a, vendor: nobody, keys: [k] }\n  - { name: b, vendor: openai, keys: ['${NOPE}'], price: { factor: x } }\nroutes:\n  - { model: m, candidates: [{ upstream: c }] }\n");

        Assert.Equal([1, 3, 4, 4, 6], reading.Problems.Select(problem => problem.Line));
    }

    [Fact]
    public void A_broken_upstream_is_still_known_to_routes()
    {
        var reading = Read("upstreams:\n  - { name: a, vendor: nobody, keys: [k] }\nroutes:\n  - { model: m, candidates: [{ upstream: a }] }\n");

        Assert.Equal([2], reading.Problems.Select(problem => problem.Line));
    }

    [Theory]
    [InlineData("database: mysql://root:CANARY@db/trivet")]
    [InlineData("database: postgres://root:CANARY@/")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: CANARY }")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [{ CANARY: x }] }")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], proxy: 'ftp://ann:CANARY@proxy' }")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], endpoints: { openai-chat: 'ftp://ann:CANARY@x.example' } }")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], endpoints: { openai-chat: 'https://ann:CANARY@x.example' } }")]
    [InlineData("upstreams:\n  - { name: a, vendor: openai, keys: [k], endpoints: { openai-chat: '${SECRET_URL}' } }")]
    [InlineData("listen: ${SECRET_URL}")]
    public void No_message_shows_a_secret(string yaml)
    {
        var reading = ConfigReader.Read(yaml, new ConfigSource("/etc/trivet/trivet.yaml"), _ => "CANARY");

        Assert.NotEmpty(reading.Problems);
        Assert.DoesNotContain("CANARY", string.Join("\n", reading.Problems.Concat(reading.Warnings)));
    }

    [Fact]
    public void A_missing_file_is_a_problem_not_an_exception() =>
        Assert.Contains("cannot read", Assert.Single(ConfigReader.ReadFile("/nowhere/trivet.yaml", _ => null).Problems).Message);
}
