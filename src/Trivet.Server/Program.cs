using Trivet.Server.Cli;

namespace Trivet.Server;

internal static class Program
{
    private static Task<int> Main(string[] args) => TrivetCommand.RunAsync(args);
}
