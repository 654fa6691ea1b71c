namespace Trivet.FunctionalTests.Agents;

/// <summary>The protocols' names in configuration and in the sandbox's log.</summary>
internal static class Protocols
{
    public const string Chat = "openai-chat";
    public const string Responses = "openai-responses";
    public const string Messages = "anthropic-messages";
    public const string Gemini = "gemini";
}
