using System.CommandLine;
using Trivet.Server.Cli;
using Trivet.Server.Options;

namespace Trivet.Server;

internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Trivet: a gateway for large language models that measures what it is given. Without a verb it serves.")
        {
            ServeVerb.Build(),
            SandboxVerb.Build(),
        };
        root.Options.Add(CommonOptions.Config);
        root.Options.Add(CommonOptions.Data);
        root.SetAction((result, stopping) => ServeVerb.RunAsync(new ServeOptions(null, result.GetValue(CommonOptions.Config), result.GetValue(CommonOptions.Data)), stopping));
        return root.Parse(args).InvokeAsync();
    }
}
