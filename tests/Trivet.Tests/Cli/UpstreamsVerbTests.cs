using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Trivet.Tests.Cli;

public sealed class UpstreamsVerbTests
{
    [Fact]
    public async Task The_built_in_sandbox_answers_a_check_in_both_protocols()
    {
        using var here = new CommandLine();
        here.Config("upstreams:\n  - { name: sandbox, vendor: sandbox }\n");
        var typed = await here.RunHereAsync("upstreams", "check", "--json");
        Assert.Equal(0, typed.Code);
        using var json = JsonDocument.Parse(typed.Output);
        var outcomes = json.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("protocol").GetString()!, check => check.GetProperty("outcome").GetString());
        Assert.Equal("ok", outcomes["openai-chat"]);
        Assert.Equal("ok", outcomes["anthropic-messages"]);
    }

    [Fact]
    public async Task A_closed_port_a_wrong_name_and_a_refused_key_are_told_apart_with_a_remedy_each()
    {
        await using var vendor = await Trivet.Sandbox.SandboxServer.StartAsync(new Trivet.Sandbox.SandboxOptions { ApiKeys = ["sk-right"] }, TestContext.Current.CancellationToken);
        using var here = new CommandLine();
        here.Config($"""
            upstreams:
              - name: closed
                vendor: custom
                keys: [sk-dummy]
                endpoints: {"{"} openai-chat: "http://127.0.0.1:{ClosedPort()}/v1" {"}"}
                models: [m]
              - name: nowhere
                vendor: custom
                keys: [sk-dummy]
                endpoints: {"{"} openai-chat: "http://no-such-host.invalid/v1" {"}"}
                models: [m]
              - name: locked
                vendor: custom
                keys: [sk-wrong-canary]
                endpoints: {"{"} openai-chat: "{vendor.Address.GetLeftPart(UriPartial.Authority)}/v1" {"}"}
                models: [m]

            """);
        var typed = await here.RunHereAsync("upstreams", "check");
        Assert.Equal(1, typed.Code);
        Assert.Contains("refuses connections", typed.Output, StringComparison.Ordinal);
        Assert.Contains("not known to the DNS", typed.Output, StringComparison.Ordinal);
        Assert.Contains("refuses the credential locked#1", typed.Output, StringComparison.Ordinal);
        Assert.Equal(3, typed.Output.Split("→").Length - 1);
        Assert.DoesNotContain("canary", typed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_is_wrong_use_and_lists_the_known()
    {
        using var here = new CommandLine();
        here.Config("upstreams:\n  - { name: sandbox, vendor: sandbox }\n");
        var typed = await here.RunHereAsync("upstreams", "check", "sandbx");
        Assert.Equal(2, typed.Code);
        Assert.Contains("sandbox", typed.Error, StringComparison.Ordinal);
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
