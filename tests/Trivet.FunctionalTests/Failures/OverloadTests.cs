using System.Net;
using System.Net.Sockets;
using System.Text;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Money;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Failures;

/// <summary>A node that is asked for more than it takes on.</summary>
public sealed class OverloadTests
{
    private const int LargeBytes = 60 << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_what_may_run_at_a_time_requests_are_shed_until_one_has_ended()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, "concurrent_max: 2");
        using var one = await MoneyLab.AskAsync(trivet.Address, trivet.Key, Held("one"), headersOnly: true);
        using var two = await MoneyLab.AskAsync(trivet.Address, trivet.Key, Held("two"), headersOnly: true);

        using var shed = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat("chat/sandbox-echo"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, shed.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), shed.Headers.RetryAfter?.Delta);
        Assert.Contains("gateway_overloaded", await shed.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        one.Dispose();
        await ServedAsync(trivet);

        static string Held(string name) => MoneyLab.Chat($"chat/sandbox-text-60-{name}@stall-after=10:ms=600000", stream: true);
    }

    [Fact]
    public async Task Bodies_are_shed_before_they_are_read_where_they_would_take_too_much_and_small_ones_are_not()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, "memory_max: 400MiB");
        using var first = await BeginAsync(trivet);

        var answer = await ShedAsync(trivet);
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 1", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("gateway_overloaded", answer, StringComparison.Ordinal);
        await ServedAsync(trivet);
    }

    private static Task<TrivetProcess> ServeAsync(SandboxHost sandbox, TempFolder folder, string limits)
    {
        var file = folder.File("trivet.yaml");
        File.WriteAllText(file, $"{new TrivetYaml().Chat("chat", sandbox.Address, "sk-lab", MoneyLab.Price)}limits: {{ grace: 50ms, {limits} }}\n");
        return TrivetProcess.ServeAsync(file, folder.File("data"));
    }

    private static async Task ServedAsync(TrivetProcess trivet)
    {
        for (var tries = 0; ; tries++)
        {
            using var answer = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat("chat/sandbox-echo"));
            if (answer.StatusCode == HttpStatusCode.OK)
                return;
            Assert.True(tries < 200, "it is not served again");
            await Task.Delay(50, Cancel);
        }
    }

    // One whose body is never sent to its end. Held once the gateway has asked for it.
    private static async Task<TcpClient> BeginAsync(TrivetProcess trivet)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, trivet.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Head(trivet) + "Expect: 100-continue\r\n\r\n"), Cancel);
        var buffer = new byte[256];
        var read = await client.GetStream().ReadAsync(buffer, Cancel);
        Assert.StartsWith("HTTP/1.1 100 ", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);
        return client;
    }

    private static async Task<string> ShedAsync(TrivetProcess trivet)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, trivet.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Head(trivet) + "Connection: close\r\n\r\n"), Cancel);
        using var received = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(received, Cancel);
        }
        catch (IOException) when (received.Length > 0)
        {
            // The body that was not sent makes the close a reset.
        }

        return Encoding.ASCII.GetString(received.ToArray());
    }

    private static string Head(TrivetProcess trivet) =>
        $"POST /v1/chat/completions HTTP/1.1\r\nHost: trivet\r\nAuthorization: Bearer {trivet.Key}\r\nContent-Type: application/json\r\nContent-Length: {LargeBytes}\r\n";
}
