using Trivet.Wire.Canonical;

namespace Trivet.Server.Cli.Connect;

/// <summary>The clients that Trivet knows. Adding one is adding a recipe here.</summary>
internal static class ClientRecipes
{
    public static IReadOnlyList<ClientRecipe> All { get; } = [ClaudeCode(), Codex(), GeminiCli(), OpenCode(), QwenCode(), OpenAI(), Anthropic()];

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
            "-c", $"model_providers.trivet.base_url=\"{target.Address}/v1\"", "-c", "model_providers.trivet.env_key=\"TRIVET_KEY\"", "-c", "model_providers.trivet.wire_api=\"responses\"",
        ],
        File = target => ("~/.codex/config.toml", $"""
            model = "{target.Model}"
            model_provider = "trivet"

            [model_providers.trivet]
            name = "Trivet"
            base_url = "{target.Address}/v1"
            env_key = "TRIVET_KEY"
            wire_api = "responses"
            """),
    };

    private static ClientRecipe GeminiCli() => new()
    {
        Name = "gemini-cli",
        DisplayName = "Gemini CLI",
        Protocol = Protocol.Gemini,
        Program = "gemini",
        Install = "npm install -g @google/gemini-cli",
        Environment = target => [("GOOGLE_GEMINI_BASE_URL", target.Address), ("GEMINI_API_KEY", target.Key), ("GEMINI_CLI_TRUST_WORKSPACE", "true")],
        Arguments = target => ["-m", target.Model],
        File = _ => ("~/.gemini/settings.json", """
            {
              "security": { "auth": { "selectedType": "gemini-api-key" } },
              "privacy": { "usageStatisticsEnabled": false }
            }
            """),
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
        Notes = ["Each model that it shall offer needs a line under \"models\"; 'trivet models' lists them."],
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
    };

    private static ClientRecipe OpenAI() => new()
    {
        Name = "openai",
        DisplayName = "the OpenAI SDKs",
        Protocol = Protocol.OpenAIChat,
        Environment = target => [("OPENAI_BASE_URL", target.Address + "/v1"), ("OPENAI_API_KEY", target.Key)],
        Sample = target => $$"""
            from openai import OpenAI
            client = OpenAI()  # reads both variables
            print(client.chat.completions.create(model="{{target.Model}}", messages=[{"role": "user", "content": "Hello"}]).choices[0].message.content)
            """,
    };

    private static ClientRecipe Anthropic() => new()
    {
        Name = "anthropic",
        DisplayName = "the Anthropic SDKs",
        Protocol = Protocol.AnthropicMessages,
        Environment = target => [("ANTHROPIC_BASE_URL", target.Address), ("ANTHROPIC_API_KEY", target.Key)],
        Unset = ["ANTHROPIC_AUTH_TOKEN"],
        Sample = target => $$"""
            from anthropic import Anthropic
            client = Anthropic()  # reads both variables
            print(client.messages.create(model="{{target.Model}}", max_tokens=1024, messages=[{"role": "user", "content": "Hello"}]).content)
            """,
    };

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
