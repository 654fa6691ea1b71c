using System.Globalization;
using Trivet.Sandbox;

namespace Trivet.Server.Cli.Demo;

/// <summary>One upstream of the demo: a sandbox of its own, what it sells and for how much, and what it really does.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Story">What it is, for people.</param>
/// <param name="Model">What the sandbox is asked for; what stands behind <c>@</c> is what it does unasked.</param>
/// <param name="InputPrice">Millionths of a unit per token: the price of a million.</param>
/// <param name="OutputPrice">The same for the answer.</param>
internal sealed record DemoPart(string Name, string Story, string Model, decimal InputPrice, decimal OutputPrice)
{
    public required SandboxHost Sandbox { get; init; }

    /// <summary>The id of its offering.</summary>
    public string OfferingId => $"{Name}/{Model}";
}

/// <summary>The four upstreams that the demo plays: all sell the same model, at different prices, and not all keep their word.</summary>
internal sealed class DemoCast : IAsyncDisposable
{
    /// <summary>What clients ask for.</summary>
    public const string Route = "assistant";

    public const string Steady = "official";
    public const string Flaky = "relay-flaky";
    public const string Swapping = "relay-swap";
    public const string Domestic = "domestic";

    private const string Honest = "sandbox-voice-A-cached@first-token-ms=60";

    private DemoCast(IReadOnlyList<DemoPart> parts) => Parts = parts;

    /// <summary>The dearest first.</summary>
    public IReadOnlyList<DemoPart> Parts { get; }

    public DemoPart this[string name] => Parts.First(part => part.Name == name);

    public static async Task<DemoCast> StartAsync(CancellationToken stopping)
    {
        var parts = new List<DemoPart>();
        (string Name, string Story, string Model, decimal Input, decimal Output)[] sold =
        [
            (Steady, "dear and steady", Honest, 3.00m, 15.00m),
            (Domestic, "half the price and good", "sandbox-voice-A-cached@first-token-ms=110", 1.50m, 7.50m),
            (Flaky, "cheap, and away now and then", "sandbox-voice-A-cached@first-token-ms=90", 0.90m, 4.50m),
            (Swapping, "cheaper still: another model, and 8 % more tokens", "sandbox-voice-A-cached@first-token-ms=70@swap=B@inflate=8", 0.60m, 3.00m),
        ];
        foreach (var (name, story, model, input, output) in sold)
        {
            // Each its own seed: vendors do not know each other's signatures.
            parts.Add(new DemoPart(name, story, model, input, output) { Sandbox = await SandboxServer.StartAsync(new SandboxOptions { Seed = parts.Count + 1, LogEntriesMax = 0 }, stopping) });
        }

        return new DemoCast(parts);
    }

    /// <summary>The configuration of a gateway in front of them, as a person would write it.</summary>
    public string Configuration()
    {
        var text = new System.Text.StringBuilder("# Written by trivet demo: four upstreams that sell one model.\nupstreams:\n");
        foreach (var part in Parts)
        {
            var (read, write) = (part.InputPrice / 10, part.InputPrice * 1.25m);
            text.Append(CultureInfo.InvariantCulture, $$"""
                  - name: {{part.Name}}            # {{part.Story}}
                    vendor: custom
                    keys: ["dummy"]
                    endpoints:
                      openai-chat: {{part.Sandbox.Address}}v1
                      anthropic-messages: {{part.Sandbox.Address}}
                    models: ["{{part.Model}}"]
                    deadlines: { connect: 2s, first_content: 5s, idle: 5s, total: 1m }
                    price: { currency: USD, per_million: { input: {{part.InputPrice}}, cache_read: {{read}}, cache_write_5m: {{write}}, output: {{part.OutputPrice}} } }

                """);
        }

        text.Append("routes:\n  - model: ").Append(Route).Append("\n    candidates:\n");
        foreach (var part in Parts)
            text.Append(CultureInfo.InvariantCulture, $"      - {{ upstream: {part.Name}, model: \"{part.Model}\" }}\n");
        text.Append("""
                policy: thrifty
            policies:
              thrifty:                   # the cheapest that keeps its word
                floors: { availability: 0.8, quality: 0.9 }
                aim: cheapest
                when_none: relax
                relax: [availability, quality]

            """);
        text.Append(CultureInfo.InvariantCulture, $$"""
            audits:                      # a day's work in minutes: a real gateway audits once a day
              enabled: true
              every: 4m
              budget: 20USD
              references: { "*": "{{this[Steady].OfferingId}}" }
              upstreams: [{{Domestic}}, {{Flaky}}, {{Swapping}}]

            """);
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Parts)
            await part.Sandbox.DisposeAsync();
    }
}
