using System.CommandLine;

namespace Trivet.Server.Cli;

/// <summary>Options that every verb takes.</summary>
internal static class CommonOptions
{
    public static Option<string?> Config { get; } = new("--config") { Description = "Configuration file (default: trivet.yaml where there is one)", HelpName = "FILE", Recursive = true };

    public static Option<string?> Data { get; } = new("--data") { Description = "Data directory (default: ./trivet-data)", HelpName = "DIR", Recursive = true };

    /// <summary>Of the verbs that print data.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print JSON" };

    /// <summary>A mistyped option is not to be taken for the argument's value.</summary>
    public static Argument<T> RefusingOptions<T>(this Argument<T> argument)
    {
        argument.Validators.Add(static result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-')) is { } token)
                result.AddError($"Unknown option '{token.Value}'; --help lists those that there are.");
        });
        return argument;
    }
}

/// <summary>Exit codes: a contract.</summary>
internal static class Exit
{
    public const int Done = 0;

    /// <summary>It ran, and the answer is no.</summary>
    public const int No = 1;

    /// <summary>Wrong use.</summary>
    public const int Wrong = 2;

    public static int WrongUse(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            Console.Error.WriteLine(problem);
        return Wrong;
    }
}
