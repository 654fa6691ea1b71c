using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Trivet.Core.Admin.Connect;
using Trivet.Core.Relay;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Server.Cli;

/// <summary><c>trivet connect CLIENT</c>: exactly what to set or paste for a client; <c>--run</c> starts it so.</summary>
internal static class ConnectVerb
{
    private const string KeyPlaceholder = "YOUR_KEY";

    private static readonly string Known = string.Join(", ", ClientRecipes.All.Select(recipe => recipe.Name));

    public static Command Build()
    {
        var client = new Argument<string>("CLIENT") { Description = Known };
        client.Validators.Add(argument =>
        {
            if (ClientRecipes.All.All(recipe => recipe.Name != argument.GetValueOrDefault<string>()))
                argument.AddError($"'{argument.GetValueOrDefault<string>()}' is no client that Trivet knows; it knows {Known}.");
        });
        var model = new Option<string?>("--model") { Description = "The model to ask for (default: the first that there is)", HelpName = "M" };
        var url = new Option<string?>("--url") { Description = "Trivet's address as the client sees it (default: where the server listens)", HelpName = "U" };
        var key = new Option<string?>("--key") { Description = "The client's key (default: TRIVET_KEY)", HelpName = "K" };
        var run = new Option<bool>("--run") { Description = "Start the client with that environment; what follows -- is passed on" };
        var rest = new Argument<string[]>("ARGS") { Description = "Arguments for the client, after --", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("connect", "Print what to set or paste for a client, or start it connected") { client, rest, model, url, key, run };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var recipe = ClientRecipes.All.First(recipe => recipe.Name == result.GetValue(client));
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            var secret = result.GetValue(key) ?? (Environment.GetEnvironmentVariable("TRIVET_KEY") is { Length: > 0 } given ? given : null);
            var target = new ConnectTarget(Address(result.GetValue(url) ?? context.Options.ListenAddress(config)), secret ?? KeyPlaceholder, result.GetValue(model) ?? FirstModel(config));
            var args = result.GetValue(rest) ?? [];
            if (result.GetValue(run))
                return secret is null ? context.Wrong("--run needs a key: --key K or TRIVET_KEY. 'trivet keys create NAME' makes one.") : await StartAsync(context, recipe, target, args, stopping);
            if (args.Length > 0)
                return context.Wrong($"'{args[0]}' is passed on only with --run.");
            Print(context.Output, recipe, target);
            if (secret is null)
                await context.Error.WriteLineAsync($"# Put a key in the place of {KeyPlaceholder}; 'trivet keys create {recipe.Name}' makes one.");
            return Exit.Done;
        });
        return command;
    }

    /// <summary>An address that a client on this machine can use, without a slash at its end.</summary>
    internal static string Address(string listen) =>
        listen.Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal).TrimEnd('/');

    internal static string FirstModel(GatewayConfig config) =>
        GatewaySnapshot.Compile(BuiltIn.WithPlace(config)).Models.FirstOrDefault(model => !model.IsDiscoveryAlias)?.Id ?? "MODEL";

    internal static void Print(TextWriter output, ClientRecipe recipe, ConnectTarget target)
    {
        output.WriteLine($"# {recipe.DisplayName}, by {recipe.Protocol.Name()}");
        foreach (var line in ShellLines.Variables(recipe, target))
            output.WriteLine(line);
        if (recipe.File is { } file)
        {
            var (path, text) = file(target);
            output.WriteLine();
            output.WriteLine($"# {path}");
            output.WriteLine(text);
        }

        if (ShellLines.Start(recipe, target) is { } start)
        {
            output.WriteLine();
            output.WriteLine(start);
        }

        if (recipe.Sample is { } sample)
        {
            output.WriteLine();
            var (about, code) = sample(target);
            output.WriteLine($"# {about}");
            output.WriteLine(code);
        }

        foreach (var note in recipe.Notes)
            output.WriteLine($"# {note}");
    }

    private static async Task<int> StartAsync(VerbContext context, ClientRecipe recipe, ConnectTarget target, string[] args, CancellationToken stopping)
    {
        if (recipe.Program is not { } program)
            return context.Wrong($"There is no program to run for {recipe.DisplayName}.");
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        foreach (var argument in recipe.Arguments(target).Concat(args))
            start.ArgumentList.Add(argument);
        foreach (var name in recipe.Unset)
            start.Environment.Remove(name);
        foreach (var (name, value) in recipe.Environment(target).Concat(recipe.RunEnvironment(target)))
            start.Environment[name] = value;
        if (recipe.RunFile is { } file)
            start.Environment[file.Variable] = await WriteAsync(file.Path, file.Text, stopping);
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(stopping);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return context.No($"There is no program '{program}' here. Install it: {recipe.Install}");
        }
    }

    private static async Task<string> WriteAsync(string path, string text, CancellationToken stopping)
    {
        path = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, stopping);
        return path;
    }
}
