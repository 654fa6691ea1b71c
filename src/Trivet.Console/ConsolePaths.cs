namespace Trivet.WebConsole;

/// <summary>Where the console is.</summary>
internal static class ConsolePaths
{
    public const string Root = "/console";
    public const string SignIn = Root + "/sign-in";
    public const string Welcome = Root + "/welcome";
}
