using System.CommandLine;
using Trivet.Server.Cli;

namespace Trivet.Tests.Cli;

/// <summary>Runs verbs in this process, as if typed, in a folder of their own.</summary>
internal sealed class CommandLine : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("trivet-cli-").FullName;

    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a configuration file that names no upstream of the machine's environment.</summary>
    public string Config(string yaml)
    {
        System.IO.File.WriteAllText(File("trivet.yaml"), yaml);
        return File("trivet.yaml");
    }

    /// <summary>Runs on this folder's data directory and configuration.</summary>
    public Task<Typed> RunHereAsync(params string[] args)
    {
        if (!System.IO.File.Exists(File("trivet.yaml")))
            Config("upstreams: []\n");
        return RunAsync([.. args, "--data", File("data"), "--config", File("trivet.yaml")]);
    }

    public static async Task<Typed> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await TrivetCommand.RunAsync(args, new InvocationConfiguration { Output = output, Error = error });
        return new Typed(code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>What came of it.</summary>
internal sealed record Typed(int Code, string Output, string Error);
