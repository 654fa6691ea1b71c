using System.CommandLine;
using Trivet.Sandbox;

namespace Trivet.Server.Cli;

/// <summary><c>trivet sandbox</c>: the scripted vendor as its own process.</summary>
internal static class SandboxVerb
{
    public static Command Build()
    {
        var listen = new Option<string>("--listen") { Description = "Address to listen on", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:4181" };
        var command = new Command("sandbox", "Run the scripted vendor, which is no model and calls itself a sandbox") { listen };
        command.SetAction(async (result, stopping) =>
        {
            if (!Uri.TryCreate(result.GetValue(listen), UriKind.Absolute, out var url))
                return Exit.WrongUse(["--listen wants an address such as http://127.0.0.1:4181"]);
            await using var host = await SandboxServer.StartAsync(new SandboxOptions { Listen = url }, stopping);
            await Console.Out.WriteLineAsync($"Sandbox listening on {host.Address}");
            await host.WaitForShutdownAsync(stopping);
            return Exit.Done;
        });
        return command;
    }
}
