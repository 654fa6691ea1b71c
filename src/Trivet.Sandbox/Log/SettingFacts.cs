using System.Text.Json;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Log;

/// <summary>Settings that change nothing about what the sandbox answers, so that it only notes them: where each protocol keeps them.</summary>
internal static class SettingFacts
{
    private static readonly (string Path, string Name)[] OpenAI =
    [
        ("temperature", "temperature"), ("top_p", "top_p"), ("top_logprobs", "top_logprobs"), ("user", "user"), ("safety_identifier", "user"), ("metadata", "metadata"),
        ("service_tier", "tier"), ("prompt_cache_key", "cache_key"), ("store", "store"),
    ];

    private static readonly Dictionary<string, (string Path, string Name)[]> Tables = new(StringComparer.Ordinal)
    {
        ["openai-chat"] =
        [
            .. OpenAI, ("presence_penalty", "presence_penalty"), ("frequency_penalty", "frequency_penalty"), ("seed", "seed"), ("logprobs", "logprobs"), ("logit_bias", "logit_bias"), ("top_k", "top_k"),
            ("verbosity", "verbosity"), ("reasoning_effort", "effort"), ("web_search_options", "tool.server"),
        ],
        ["openai-responses"] = [.. OpenAI, ("text.verbosity", "verbosity"), ("reasoning.effort", "effort"), ("truncation", "truncation")],
        ["anthropic-messages"] =
        [
            ("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k"), ("metadata.user_id", "user"), ("service_tier", "tier"), ("output_config.effort", "effort"),
            ("thinking.budget_tokens", "budget"), ("context_management", "context_management"), ("container", "container"), ("mcp_servers", "mcp_servers"),
        ],
        ["gemini"] =
        [
            ("generationConfig.temperature", "temperature"), ("generationConfig.topP", "top_p"), ("generationConfig.topK", "top_k"), ("generationConfig.seed", "seed"),
            ("generationConfig.presencePenalty", "presence_penalty"), ("generationConfig.frequencyPenalty", "frequency_penalty"), ("generationConfig.responseLogprobs", "logprobs"),
            ("generationConfig.logprobs", "top_logprobs"), ("generationConfig.thinkingConfig.thinkingBudget", "budget"), ("generationConfig.thinkingConfig.thinkingLevel", "effort"),
            ("generationConfig.mediaResolution", "media_resolution"), ("serviceTier", "tier"), ("labels", "metadata"), ("safetySettings", "safety"), ("cachedContent", "cached_content"),
        ],
    };

    public static void Add(List<SandboxFact> facts, JsonElement body, string protocol)
    {
        foreach (var (path, name) in Tables[protocol])
        {
            var value = path.Split('.').Aggregate(body, (element, step) => element.Get(step));
            if (value.IsDefined())
            {
                facts.Add(new SandboxFact(name, value.IsString() ? name == "effort" ? value.GetString()!.ToLowerInvariant() : value.GetString()! : TokenCounter.CompactJson(value)));
            }
        }

        if (body.Items("include").Any(i => i.IsString() && i.GetString() == "message.output_text.logprobs"))
        {
            facts.Add(new SandboxFact("logprobs", "true"));
        }

        // What no version of a protocol knows: extensions by the usual prefix.
        foreach (var property in body.EnumerateObject())
        {
            if (property.Name.StartsWith("x_", StringComparison.Ordinal))
            {
                facts.Add(new SandboxFact("unknown", property.Name));
            }
        }

        foreach (var tool in body.Items("tools"))
        {
            AddServerTools(facts, tool, protocol);
        }
    }

    private static void AddServerTools(List<SandboxFact> facts, JsonElement tool, string protocol)
    {
        if (protocol == "openai-responses" && tool.Str("type") is { } type && type is not ("function" or "custom" or "namespace"))
        {
            facts.Add(new SandboxFact("tool.server", type));
        }

        foreach (var property in protocol == "gemini" ? tool.EnumerateObject() : default)
        {
            if (property.Name is not ("functionDeclarations" or "function_declarations"))
            {
                facts.Add(new SandboxFact("tool.server", property.Name));
            }
        }
    }
}
