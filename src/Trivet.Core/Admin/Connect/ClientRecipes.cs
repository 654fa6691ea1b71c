using Trivet.Wire.Canonical;

namespace Trivet.Core.Admin.Connect;

/// <summary>The clients that Trivet knows. Adding one is adding a recipe here.</summary>
public static class ClientRecipes
{
    /// <summary>Agents first, then editors and libraries.</summary>
    public static IReadOnlyList<ClientRecipe> All { get; } = [ClaudeCode(), Codex(), GeminiCli(), OpenCode(), QwenCode(), Continue(), .. LibraryRecipes.All];

    private static ClientRecipe ClaudeCode() => new()
    {
        Name = "claude-code",
        DisplayName = "Claude Code",
        Protocol = Protocol.AnthropicMessages,
        Program = "claude",
        Install = "npm install -g @anthropic-ai/claude-code",
        Environment = target =>
        [
            ("ANTHROPIC_BASE_URL", target.Address),
            ("ANTHROPIC_AUTH_TOKEN", target.Key),
            ("ANTHROPIC_MODEL", target.Model),
            ("ANTHROPIC_DEFAULT_OPUS_MODEL", target.Model),   // what sub-agents and background tasks ask for
            ("ANTHROPIC_DEFAULT_SONNET_MODEL", target.Model),
            ("ANTHROPIC_DEFAULT_HAIKU_MODEL", target.Model),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ],
        Unset = ["ANTHROPIC_API_KEY"],
        Notes =
        [
            "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1 lists Trivet's models in /model; those of other vendors appear as claude-via-NAME.",
            "It may warn of an unknown model name. That is all it does.",
            "CLAUDE_CODE_ATTRIBUTION_HEADER=0 keeps its changing first system block out of other vendors' prompt caches.",
        ],
    };

    private static ClientRecipe Codex() => new()
    {
        Name = "codex",
        DisplayName = "Codex CLI",
        Protocol = Protocol.OpenAIResponses,
        Program = "codex",
        Install = "npm install -g @openai/codex",
        Environment = target => [("TRIVET_KEY", target.Key)],
        Arguments = target =>
        [
            "-c", $"model=\"{target.Model}\"", "-c", "model_provider=\"trivet\"", "-c", "model_providers.trivet.name=\"Trivet\"",
            "-c", "model_reasoning_summary=\"auto\"", "-c", $"model_providers.trivet.base_url=\"{target.Address}/v1\"", "-c", "model_providers.trivet.env_key=\"TRIVET_KEY\"", "-c", "model_providers.trivet.wire_api=\"responses\"",
        ],
        File = target => ("~/.codex/config.toml", $"""
            model = "{target.Model}"
            model_provider = "trivet"
            model_reasoning_summary = "auto"

            [model_providers.trivet]
            name = "Trivet"
            base_url = "{target.Address}/v1"
            env_key = "TRIVET_KEY"
            wire_api = "responses"
            """),
        Notes =
        [
            "It may warn of a model that it has no metadata for. Then it edits files by shell commands; a model named like one of OpenAI's (gpt-5.5-mine) gets its patch tool too.",
            "OPENAI_BASE_URL is not read: the provider has to be named in the file or by -c.",
        ],
    };

    private static ClientRecipe GeminiCli() => new()
    {
        Name = "gemini-cli",
        DisplayName = "Gemini CLI",
        Protocol = Protocol.Gemini,
        Program = "gemini",
        Install = "npm install -g @google/gemini-cli",
        Environment = target => [("GOOGLE_GEMINI_BASE_URL", target.Address), ("GEMINI_API_KEY", target.Key), ("GEMINI_MODEL", target.Model), ("GEMINI_CLI_TRUST_WORKSPACE", "true")],
        // Asked for by an address of its own it takes no key from the environment alone; its defaults stand below all that the user has set.
        RunFile = ("GEMINI_CLI_SYSTEM_DEFAULTS_PATH", ".gemini/trivet-defaults.json", GeminiFile),
        File = _ => ("~/.gemini/settings.json", GeminiFile),
        Notes = ["For side jobs, and without GEMINI_MODEL for all, it asks for Google's own models: a route for gemini-* serves them."],
    };

    private static ClientRecipe OpenCode() => new()
    {
        Name = "opencode",
        DisplayName = "opencode",
        Protocol = Protocol.OpenAIChat,
        Program = "opencode",
        Install = "npm install -g opencode-ai",
        Environment = target => [("TRIVET_KEY", target.Key)],
        RunEnvironment = target => [("OPENCODE_CONFIG_CONTENT", OpenCodeFile(target))],
        File = target => ("~/.config/opencode/opencode.json", OpenCodeFile(target)),
        Notes =
        [
            "Each model that it shall offer needs a line under \"models\"; 'trivet models' lists them.",
            "@ai-sdk/openai (baseURL with /v1), @ai-sdk/anthropic (with /v1) and @ai-sdk/google (with /v1beta) work in place of @ai-sdk/openai-compatible.",
        ],
    };

    private static ClientRecipe QwenCode() => new()
    {
        Name = "qwen-code",
        DisplayName = "Qwen Code",
        Protocol = Protocol.OpenAIChat,
        Program = "qwen",
        Install = "npm install -g @qwen-code/qwen-code",
        Environment = OpenAIVariables,
        Arguments = _ => ["--auth-type", "openai"],
        Notes = ["By --auth-type anthropic it may ask for fewer tokens than it wants to think: set model.generationConfig.samplingParams.max_tokens in ~/.qwen/settings.json above 32000."],
    };

    private static ClientRecipe Continue() => new()
    {
        Name = "continue",
        DisplayName = "Continue",
        Protocol = Protocol.OpenAIChat,
        Environment = _ => [],
        File = target => ("~/.continue/config.yaml", $"""
            name: Trivet
            version: 1.0.0
            schema: v1
            models:
              - name: {target.Model} by Trivet
                provider: openai
                model: {target.Model}
                apiBase: {target.Address}/v1
                apiKey: {target.Key}
                roles: [chat, edit, apply]
                capabilities: [tool_use]
            """),
        Notes =
        [
            "Cline, Roo Code, Zed and other editors that know \"OpenAI compatible\" take the same three: the address with /v1, the key, the model.",
            "Without capabilities it offers no tools to a model whose name it does not know.",
        ],
    };

    private const string GeminiFile = """
        {
          "security": { "auth": { "selectedType": "gemini-api-key" } },
          "privacy": { "usageStatisticsEnabled": false }
        }
        """;

    private static IReadOnlyList<(string Name, string Value)> OpenAIVariables(ConnectTarget target) =>
        [("OPENAI_BASE_URL", target.Address + "/v1"), ("OPENAI_API_KEY", target.Key), ("OPENAI_MODEL", target.Model)];

    private static string OpenCodeFile(ConnectTarget target) => $$$"""
        {
          "$schema": "https://opencode.ai/config.json",
          "model": "trivet/{{{target.Model}}}",
          "small_model": "trivet/{{{target.Model}}}",
          "provider": {
            "trivet": {
              "npm": "@ai-sdk/openai-compatible",
              "name": "Trivet",
              "options": { "baseURL": "{{{target.Address}}}/v1", "apiKey": "{env:TRIVET_KEY}" },
              "models": { "{{{target.Model}}}": {} }
            }
          }
        }
        """;
}
