using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Diagnostics;

/// <summary>What is said with a key whose payloads are recorded can be read, word for word; what is said with another is nowhere.</summary>
public sealed class PayloadTests
{
    private const int KeptBytes = 4096;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_said_with_a_key_that_is_named_or_flagged_is_recorded_and_with_no_other()
    {
        using var folder = new TempFolder();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancellation);
        var config = folder.File("trivet.yaml");
        await File.WriteAllTextAsync(config, $"{new TrivetYaml().Chat("lab", sandbox.Address, "dummy").Route("*", ("lab", "sandbox-*"))}payload_logging: {{ keys: [noted], size_max: 4KiB }}\n", Cancellation);
        await using var trivet = await TrivetProcess.ServeAsync(config, folder.File("data"), "sk-trivet-nobodys-payload");
        await using var made = await trivet.RunVerbAsync("keys", "create", "noted", "--json");
        var noted = JsonDocument.Parse(made.Output).RootElement.Text("key");
        await UntilKnownAsync(trivet, noted);

        foreach (var (path, isStream) in new[] { ("/v1/chat/completions", false), ("/v1/chat/completions", true), ("/v1/messages", false), ("/v1/messages", true) })
        {
            var (id, sent, answered) = await AskAsync(trivet, noted, path, isStream, "a word that is noted");
            var payload = await PayloadAsync(trivet, id);
            Assert.Equal(sent, payload.Text("sent"));
            Assert.Equal(answered, payload.Text("answered"));
        }

        await using var flagged = await trivet.RunVerbAsync("keys", "create", "flagged", "--log-payloads", "--json");
        var own = JsonDocument.Parse(flagged.Output).RootElement.Text("key");
        await UntilKnownAsync(trivet, own);
        var (flaggedId, flaggedBody, flaggedAnswer) = await AskAsync(trivet, own, "/v1/chat/completions", false, "a key of its own mind");
        var recorded = await PayloadAsync(trivet, flaggedId);
        Assert.Equal((flaggedBody, flaggedAnswer), (recorded.Text("sent"), recorded.Text("answered")));

        var (refused, body, problem) = await AskAsync(trivet, noted, "/v1/chat/completions", false, "\", \"broken");
        var told = await PayloadAsync(trivet, refused);
        Assert.Equal((body, problem), (told.Text("sent"), told.Text("answered")));

        var (whole, longBody, _) = await AskAsync(trivet, noted, "/v1/chat/completions", false, new string('x', 3 * KeptBytes));
        var cut = await PayloadAsync(trivet, whole);
        Assert.Equal(longBody[..KeptBytes], cut.Text("sent"));
        Assert.Equal(longBody.Length, cut.GetProperty("sent_bytes").GetInt64());

        var (other, _, _) = await AskAsync(trivet, trivet.Key, "/v1/chat/completions", false, "a word of nobody's business");
        await using var silent = await trivet.RunVerbAsync("trace", other, "--payload");
        Assert.NotEqual(0, silent.ExitCode);
        Assert.Contains("payload_logging", silent.Everything, StringComparison.Ordinal);
        await trivet.Process.TerminateAsync();
        Assert.DoesNotContain("nobody's business", trivet.Process.Everything, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder.File("data"), "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("nobody's business", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Cancellation)), StringComparison.Ordinal);
    }

    private static async Task UntilKnownAsync(TrivetProcess trivet, string key)
    {
        using var http = new HttpClient { BaseAddress = trivet.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        for (var tries = 0; tries < 300; tries++)
        {
            using var models = await http.GetAsync(new Uri("/v1/models", UriKind.Relative), Cancellation);
            if (models.IsSuccessStatusCode)
                return;
            await Task.Delay(200, Cancellation);
        }

        Assert.Fail("The new key was never known.");
    }

    private static async Task<(string Id, string Sent, string Answered)> AskAsync(TrivetProcess trivet, string key, string path, bool isStream, string text)
    {
        using var http = new HttpClient { BaseAddress = trivet.Address };
        var sent = $$"""{"model":"sandbox-chat","max_tokens":64,"stream":{{(isStream ? "true" : "false")}},"messages":[{"role":"user","content":"{{text}}"}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(sent, Encoding.UTF8, "application/json"), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var response = await http.SendAsync(request, Cancellation);
        return (response.Headers.GetValues("x-trivet-request-id").Single(), sent, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task<JsonElement> PayloadAsync(TrivetProcess trivet, string id)
    {
        await using var trace = await trivet.RunVerbAsync("trace", id, "--payload", "--json");
        Assert.True(trace.ExitCode == 0, trace.Everything);
        return JsonDocument.Parse(trace.Output).RootElement.GetProperty("payload").Clone();
    }
}
