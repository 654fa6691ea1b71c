using System.Text;
using Trivet.Benchmarks.Parties;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Faults;

/// <summary>The <c>trivet.yaml</c> of the suite: two upstreams and a route for each cell, with prices, so that what is billed can be told.</summary>
internal static class FaultConfig
{
    public static string Make(IEnumerable<FaultCell> cells, Target primary, Target fallback)
    {
        var (upstreams, routes) = (new StringBuilder("upstreams:\n"), new StringBuilder("routes:\n"));
        foreach (var cell in cells)
        {
            routes.Append($"  - model: {cell.Route}\n    candidates:\n");
            Add(cell.PrimaryName, cell.PrimaryModel, primary);
            if (cell.FallbackModel is { } model)
                Add(cell.FallbackName, model, fallback);

            void Add(string name, string model, Target at)
            {
                upstreams.Append($$"""
                      - name: {{name}}
                        vendor: custom
                        keys: ["sandbox"]
                        endpoints: { {{Endpoint(cell.Upstream, at)}} }
                        models: ["{{model}}"]
                        deadlines: { {{cell.Case.Deadlines(cell.Profile)}} }
                        price: { currency: USD, per_million: { input: 1, output: 2 } }

                    """);
                routes.Append($"      - {{ upstream: {name}, model: \"{model}\" }}\n");
            }
        }
        foreach (var (side, at) in new[] { ("a", primary), ("b", fallback) })
        {
            foreach (var protocol in Client.Protocols.Keys)
                AddWarmUp(WarmUp(protocol, side), protocol, at);
        }
        return upstreams.Append(routes).ToString();

        void AddWarmUp(string name, string protocol, Target at)
        {
            upstreams.Append($$"""
                  - name: {{name}}
                    vendor: custom
                    keys: ["sandbox"]
                    endpoints: { {{Endpoint(protocol, at)}} }
                    models: ["sandbox-text-{{FaultRun.Tokens}}"]

                """);
            routes.Append($"  - model: {name}\n    candidates: [{{ upstream: {name}, model: sandbox-text-{FaultRun.Tokens} }}]\n");
        }
    }

    /// <summary>The route over a healthy upstream, at the primary (a) or fallback (b): processes that have just started compile their code at the first requests, and that is no fault.</summary>
    public static string WarmUp(string protocol, string side) => $"warm-{protocol}-{side}";

    /// <summary>The line of <c>endpoints:</c> for a protocol by its short name.</summary>
    public static string Endpoint(string protocol, Target at) =>
        $"{Client.Protocols[protocol].Name}: \"http://127.0.0.1:{at.Port}{protocol switch { "messages" => "", "gemini" => "/v1beta", _ => "/v1" }}\"";
}
