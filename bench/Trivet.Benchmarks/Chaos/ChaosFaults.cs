using System.Text;
using Trivet.Benchmarks.Faults;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Chaos;

/// <summary>What goes wrong at each of the four upstreams, and the configuration that puts them behind routes.</summary>
internal static class ChaosFaults
{
    /// <summary>One request in about seven meets one of these; a stream sends thirty tokens a second, so that two hundred of them last.</summary>
    public const string Staged =
        "@slow:tps=30" +
        // before headers
        "@503:p=0.015@500:p=0.01@429:p=0.01@429:retry-after=1:p=0.005@401:p=0.0005@reset:p=0.01@silent:ms=20000:p=0.004@headers-ms=10000:p=0.004" +
        // before content
        "@first-token-ms=10000:p=0.004@first-token-ms=10000:preamble:p=0.004@error-in-200:p=0.005@html:p=0.004@empty:body:p=0.004@wrong-content-type:p=0.002" +
        // in the middle, and at the end
        "@cut-after=20:p=0.015@stall-after=20:ms=12000:p=0.006@bad-json-event=10:p=0.008@bad-json-event=10:extra:p=0.004@error-event-after=15:p=0.01@truncated-json:p=0.01@no-done:p=0.01@comments=500:p=0.05";

    /// <summary>The longest that a request may take: what six tries may wait at most, and the answer itself.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(90);

    /// <summary>A route for each of the four protocols, whose first candidate speaks it; the others follow in turn.</summary>
    public static string Config(IReadOnlyList<(string Protocol, Target Sandbox)> upstreams)
    {
        var yaml = new StringBuilder("upstreams:\n");
        foreach (var (protocol, sandbox) in upstreams)
        {
            yaml.Append($$"""
                  - name: up-{{protocol}}
                    vendor: custom
                    keys: ["sandbox"]
                    endpoints: { {{FaultConfig.Endpoint(protocol, sandbox)}} }
                    models: ["{{Model(protocol)}}"]
                    deadlines: { connect: 2s, first_content: 5s, idle: 5s, total: 45s }
                    price: { currency: USD, per_million: { input: 1, output: 2 } }

                """);
        }
        yaml.Append("routes:\n");
        for (var first = 0; first < upstreams.Count; first++)
        {
            yaml.Append($"  - model: {Route(upstreams[first].Protocol)}\n    candidates:\n");
            for (var i = 0; i < upstreams.Count; i++)
            {
                var protocol = upstreams[(first + i) % upstreams.Count].Protocol;
                yaml.Append($"      - {{ upstream: up-{protocol}, model: \"{Model(protocol)}\" }}\n");
            }
        }
        return yaml.ToString();
    }

    public static string Route(string firstProtocol) => $"chaos-{firstProtocol}";

    /// <summary>Whether the model that an answer names is at the upstream of this protocol.</summary>
    public static bool IsAnsweredBy(string model, string protocol) => model.StartsWith(Model(protocol), StringComparison.Ordinal);

    private static string Model(string protocol) => $"sandbox-chat-{protocol}{Staged}";
}
