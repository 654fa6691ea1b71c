using System.Diagnostics;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Runs one test of this assembly as a process of its own, which knows by its environment that it is the second one.</summary>
internal static class SecondProcess
{
    public static Process Start(string test, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };

        // Under "dotnet test" this process is the test program itself; under "dotnet exec" the assembly must be named.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(SecondProcess).Assembly.Location);
        foreach (var argument in (string[])["--filter-method", test])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        // A runner that talks to a parent over a pipe must not let the child answer in its place.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        return Process.Start(start)!;
    }
}
