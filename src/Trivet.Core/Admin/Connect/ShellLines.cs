namespace Trivet.Core.Admin.Connect;

/// <summary>A recipe as lines for a POSIX shell: what the command line prints and the console offers to copy.</summary>
public static class ShellLines
{
    /// <summary>What has to go, and what has to be set.</summary>
    public static IEnumerable<string> Variables(ClientRecipe recipe, ConnectTarget target) =>
        [.. recipe.Unset.Select(name => $"unset {name}"), .. recipe.Environment(target).Select(variable => $"export {variable.Name}={Quote(variable.Value)}")];

    /// <summary>What starts the client then; null for a library.</summary>
    public static string? Start(ClientRecipe recipe, ConnectTarget target) => recipe.Program switch
    {
        null => null,
        var program when recipe.File is null => string.Join(' ', [program, .. recipe.Arguments(target).Select(Quote)]),
        var program => program,
    };

    /// <summary>A word that the shell takes as it is.</summary>
    public static string Quote(string value) =>
        value.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:@%+=,".Contains(letter, StringComparison.Ordinal)) ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
