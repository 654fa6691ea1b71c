namespace Trivet.Server.Conformance.Clients;

/// <summary>One client of each protocol.</summary>
internal static class AllClients
{
    public static IReadOnlyList<IClient> All { get; } = [new ChatClient(), new ResponsesClient(), new MessagesClient(), new GeminiClient()];
}
