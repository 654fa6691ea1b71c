using System.Text.Json;

namespace Trivet.FunctionalTests.Harness;

/// <summary>Asks the books as an operator does: with verbs, while the server runs on the same data folder.</summary>
internal static class Books
{
    private const int TriesMax = 20;

    /// <summary>`trivet trace REQUEST --json`, once the request is booked.</summary>
    public static async Task<JsonElement> TraceAsync(this TrivetProcess trivet, string requestId)
    {
        for (var tries = 1; ; tries++)
        {
            await using var verb = await trivet.RunVerbAsync("trace", requestId, "--json");
            if (verb.ExitCode == 0 && JsonDocument.Parse(verb.Output).RootElement is var trace && trace.At("request").ValueKind == JsonValueKind.Object)
            {
                return trace;
            }

            Assert.True(tries < TriesMax && verb.ExitCode is 0 or 1, $"trace {requestId} ended with {verb.ExitCode}\n{verb.Everything}");
            await Task.Delay(200);
        }
    }

    /// <summary>The line of `trivet usage --by upstream|model|key --json` whose group contains a text.</summary>
    public static async Task<IReadOnlyList<JsonElement>> UsageAsync(this TrivetProcess trivet, string by, string group)
    {
        await using var verb = await trivet.RunVerbAsync("usage", "--by", by, "--json");
        Assert.True(verb.ExitCode == 0, verb.Everything);
        return [.. JsonDocument.Parse(verb.Output).RootElement.Lines().Where(l => l.Text("group").Contains(group, StringComparison.Ordinal))];
    }
}
