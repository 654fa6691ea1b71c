using System.Text;

namespace Trivet.FunctionalTests.Harness;

/// <summary>Writes configuration files as an operator would.</summary>
internal sealed class TrivetYaml
{
    private readonly StringBuilder _upstreams = new();
    private readonly StringBuilder _routes = new();

    /// <summary>An upstream that speaks OpenAI Chat and nothing else.</summary>
    public TrivetYaml Chat(string name, Uri address, string key, string more = "") => Upstream(name, $"openai-chat: {Base(address)}/v1", key, more);

    /// <summary>An upstream that speaks Anthropic Messages and nothing else.</summary>
    public TrivetYaml Messages(string name, Uri address, string key, string more = "") => Upstream(name, $"anthropic-messages: {Base(address)}", key, more);

    /// <summary>An upstream that speaks OpenAI Responses and nothing else.</summary>
    public TrivetYaml Responses(string name, Uri address, string key, string more = "") => Upstream(name, $"openai-responses: {Base(address)}/v1", key, more);

    /// <summary>An upstream that speaks Gemini and nothing else.</summary>
    public TrivetYaml Gemini(string name, Uri address, string key, string more = "") => Upstream(name, $"gemini: {Base(address)}/v1beta", key, more);

    /// <summary>An upstream that speaks Bedrock's Converse and nothing else.</summary>
    public TrivetYaml Bedrock(string name, Uri address, string key, string more = "") => Upstream(name, $"bedrock-converse: {Base(address)}", key, more);

    public TrivetYaml Route(string model, params (string Upstream, string Model)[] candidates) => Route("in-order", model, candidates);

    /// <summary>A route whose candidates are drawn by lot, all with the same weight.</summary>
    public TrivetYaml Spread(string model, params (string Upstream, string Model)[] candidates) => Route("weighted", model, candidates);

    public string WriteTo(TempFolder folder)
    {
        var file = folder.File("trivet.yaml");
        File.WriteAllText(file, ToString());
        return file;
    }

    public override string ToString() => $"upstreams:\n{_upstreams}routes:\n{_routes}";

    private TrivetYaml Route(string policy, string model, (string Upstream, string Model)[] candidates)
    {
        _routes.Append($"  - model: \"{model}\"\n    policy: {policy}\n    candidates:\n");
        foreach (var (upstream, name) in candidates)
        {
            _routes.Append($"      - {{ upstream: {upstream}, model: \"{name}\" }}\n");
        }

        return this;
    }

    private TrivetYaml Upstream(string name, string endpoint, string key, string more)
    {
        _upstreams.Append($"  - name: {name}\n    vendor: custom\n    keys: [\"{key}\"]\n    endpoints:\n      {endpoint}\n");
        foreach (var line in more.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            _upstreams.Append($"    {line}\n");
        }

        return this;
    }

    private static string Base(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
