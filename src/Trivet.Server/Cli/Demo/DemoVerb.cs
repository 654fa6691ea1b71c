using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Core.Sockets;
using Trivet.Server.Options;

namespace Trivet.Server.Cli.Demo;

/// <summary><c>trivet demo</c>: a gateway before four scripted upstreams (dear, good, flaky, dishonest), with people at work on it, told as it happens.</summary>
internal static class DemoVerb
{
    private const int LooksPerTable = 10;

    private const string Anywhere = "http://127.0.0.1:0";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AwayAfter = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan AwayFor = TimeSpan.FromSeconds(25);

    public static Command Build()
    {
        var listen = new Option<string>("--listen") { Description = "Address of the gateway", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:4180" };
        var minutes = new Option<double?>("--minutes") { Description = "Ends after so long (default: goes on until it is stopped)", HelpName = "M" };
        var command = new Command("demo", "Run a gateway before four scripted upstreams, with traffic, and tell what it finds out about them") { listen, minutes };
        command.SetAction(async (result, stopping) =>
        {
            if (result.GetValue(minutes) is <= 0 or > 24 * 60)
                return Exit.WrongUse(["--minutes wants a number above 0, and a day at most."]);
            var data = Path.GetFullPath(result.GetValue(CommonOptions.Data) ?? Path.Combine(Path.GetTempPath(), $"trivet-demo-{Environment.ProcessId}"));
            if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
                return Exit.WrongUse([$"{data} is not empty: a demo wants books of its own."]);
            SocketThreads.WorkOnThem();
            var address = result.GetRequiredValue(listen);
            if (result.GetResult(listen) is null or { Implicit: true } && IsTaken(new Uri(address)))
                address = Anywhere; // a server of one's own runs already, and goes on
            return await RunAsync(address, data, result.GetValue(minutes), stopping);
        });
        return command;
    }

    private static bool IsTaken(Uri address)
    {
        using var probe = new TcpListener(IPAddress.Loopback, address.Port);
        try
        {
            probe.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task<int> RunAsync(string listen, string data, double? minutes, CancellationToken stopping)
    {
        Directory.CreateDirectory(data);
        await using var cast = await DemoCast.StartAsync(stopping);
        var config = Path.Combine(data, "trivet.yaml");
        await File.WriteAllTextAsync(config, cast.Configuration(), stopping);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (minutes is { } bound)
            over.CancelAfter(TimeSpan.FromMinutes(bound));
        return await ServeVerb.RunAsync(new ServeOptions(listen, config, data), over.Token, (app, key) => PlayAsync(app, cast, key!, over.Token));
    }

    private static async Task PlayAsync(WebApplication app, DemoCast cast, CreatedKey key, CancellationToken over)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var table = new DemoTable(cast, app.Services.GetRequiredService<IUsageStore>(), app.Services.GetRequiredService<HealthBoard>(), time, Console.Out);
        using var traffic = new DemoTraffic(new Uri(app.Urls.First()), key.Secret, time);
        var work = traffic.RunAsync(over);
        var outages = OutagesAsync(cast[DemoCast.Flaky], table, time, over);
        try
        {
            for (var look = 1; ; look++)
            {
                await Task.Delay(Look, time, over);
                table.SayChanges();
                if (look % LooksPerTable == 0)
                    await table.PrintAsync(over);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(work, outages);
        }

        // The books are written a moment after the answers.
        await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
        Console.WriteLine();
        table.Say($"{traffic.Answered:#,0} of {traffic.Asked:#,0} requests were answered.");
        await table.PrintBillAsync(CancellationToken.None);
    }

    // The flaky one really fails, again and again: what follows is what the gateway makes of it.
    private static async Task OutagesAsync(DemoPart flaky, DemoTable table, TimeProvider time, CancellationToken over)
    {
        using var http = new HttpClient { BaseAddress = flaky.Sandbox.Address };
        try
        {
            while (true)
            {
                await Task.Delay(AwayAfter, time, over);
                flaky.Sandbox.Script("""{"match":{"model":"*"},"times":0,"respond":{"fault":"503"}}""");
                table.Say($"{flaky.Name} goes away (staged)");
                await Task.Delay(AwayFor, time, over);
                (await http.DeleteAsync(new Uri("sandbox/script", UriKind.Relative), over)).Dispose();
                table.Say($"{flaky.Name} is back (staged)");
            }
        }
        catch (OperationCanceledException)
        {
            // the demo is over
        }
    }
}
