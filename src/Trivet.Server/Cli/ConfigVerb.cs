using System.CommandLine;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.Drafts;

namespace Trivet.Server.Cli;

/// <summary><c>trivet config validate|schema|init</c>.</summary>
internal static class ConfigVerb
{
    private const string DefaultFile = "trivet.yaml";

    public static Command Build() => new("config", "Check, describe and start a configuration file") { Validate(), Schema(), Init() };

    private static Command Validate()
    {
        var file = File();
        var command = new Command("validate", "Read a configuration file as the server would, and say what is wrong with it") { file, CommonOptions.Json };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            var path = result.GetValue(file) ?? context.Options.ConfigPath ?? DefaultFile;
            var reading = ConfigReader.ReadFile(path, Environment.GetEnvironmentVariable);
            if (context.Json)
                JsonOutput.Write(context.Output, json => WriteJson(json, path, reading));
            else
                Print(context, path, reading);
            return reading.Config is null ? Exit.No : Exit.Done;
        });
        return command;
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON schema of the configuration file, for editors");
        command.SetAction(result => new VerbContext(result).Output.Write(ConfigSchema.Json));
        return command;
    }

    private static Command Init()
    {
        var file = File();
        var force = new Option<bool>("--force") { Description = "Overwrite a file that is there" };
        var command = new Command("init", "Write a configuration file that works as it stands and shows the next steps") { file, force };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            var path = Path.GetFullPath(result.GetValue(file) ?? context.Options.ConfigPath ?? DefaultFile);
            try
            {
                using var stream = new FileStream(path, result.GetValue(force) ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
                using var writer = new StreamWriter(stream);
                writer.Write(ConfigSample.Yaml);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return context.No(System.IO.File.Exists(path) && !result.GetValue(force) ? $"{path} is there already; --force overwrites it." : $"Cannot write {path}: {exception.Message}");
            }

            context.Output.WriteLine($"Wrote {path}. Edit it, then: trivet config validate {path}, and trivet serve --config {path}");
            return Exit.Done;
        });
        return command;
    }

    private static Argument<string?> File() => new Argument<string?>("FILE") { Description = "The file (default: --config, or trivet.yaml)", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();

    private static void Print(VerbContext context, string path, ConfigReading reading)
    {
        foreach (var warning in reading.Warnings)
            context.Output.WriteLine($"{path}: warning: {warning}");
        foreach (var problem in reading.Problems)
            context.Output.WriteLine($"{path}: {problem}");
        if (reading.Config is { } config)
            context.Output.WriteLine($"{path} is valid: {config.Upstreams.Count} {(config.Upstreams.Count == 1 ? "upstream" : "upstreams")}, {config.Routes.Count} {(config.Routes.Count == 1 ? "route" : "routes")}");
    }

    private static void WriteJson(System.Text.Json.Utf8JsonWriter json, string path, ConfigReading reading)
    {
        json.WriteStartObject();
        json.WriteString("file", path);
        json.WriteBoolean("valid", reading.Config is not null);
        foreach (var (name, list) in new[] { ("problems", reading.Problems), ("warnings", reading.Warnings) })
        {
            json.WriteStartArray(name);
            foreach (var problem in list)
            {
                json.WriteStartObject();
                json.WriteNumber("line", problem.Line);
                json.WriteNumber("column", problem.Column);
                json.WriteString("path", problem.Path);
                json.WriteString("message", problem.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
