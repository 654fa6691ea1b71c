using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>The agents, each once for every protocol that it speaks. What each needs was observed on loopback on 2026-11-22.</summary>
internal static class AgentCatalogue
{
    private static readonly AgentTools Shell = new()
    {
        Read = path => AgentTools.Call("exec_command", ("cmd", $"cat {path}")),
        Run = command => AgentTools.Call("exec_command", ("cmd", command)),
        Write = (path, text) => AgentTools.Call("exec_command", ("cmd", $"cat > {path} <<'END'\n{text}\nEND")),
    };

    private static readonly AgentTools Gemini = new()
    {
        Read = path => AgentTools.Call("read_file", ("file_path", path)),
        Run = command => AgentTools.Call("run_shell_command", ("command", command), ("description", "A step of the task")),
        Write = (path, text) => AgentTools.Call("write_file", ("file_path", path), ("content", text)),
    };

    private static string Script(string command) => AgentTools.Call("exec", ("input", $"text((await tools.exec_command({{ cmd: {System.Text.Json.JsonSerializer.Serialize(command)} }})).output)"));

    /// <summary>Codex with a model that it does not know: its tools are functions, some in a namespace.</summary>
    public static Agent Codex { get; } = new("Codex", NpmPackages.Codex, "codex", Protocols.Responses)
    {
        Tools = Shell,
        Files = desk => [(".codex/config.toml", $"""
            model = "{desk.Model.Name}"
            model_provider = "trivet"
            model_reasoning_summary = "auto"

            [model_providers.trivet]
            name = "Trivet"
            base_url = "{desk.Address}/v1"
            env_key = "TRIVET_KEY"
            wire_api = "responses"
            """)],
        Environment = desk => new Dictionary<string, string> { ["TRIVET_KEY"] = desk.Client.Key },
        Arguments = (_, prompt) => ["exec", "--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox", prompt],
        Said = lines =>
        {
            var usage = lines.LastOrDefault(l => l.Text("type") == "turn.completed").At("usage");
            return new(lines.Where(l => l.At("item").Text("type") == "agent_message").Select(l => l.At("item").Text("text")).LastOrDefault() ?? "",
                usage.Number("input_tokens"), usage.Number("output_tokens"));
        },
    };

    /// <summary>Codex with a model that it knows: files are written by a free-form tool with a grammar.</summary>
    public static Agent CodexPatches { get; } = Codex with
    {
        Name = "Codex, patching",
        ModelPrefix = "gpt-5.5-",
        Tools = Shell with
        {
            Write = (path, text) => AgentTools.Call("apply_patch", ("input", $"*** Begin Patch\n*** Add File: {path}\n+{text.Replace("{{result}}", "one line", StringComparison.Ordinal)}\n*** End Patch\n")),
        },
    };

    /// <summary>Codex with its own provider at another address.</summary>
    public static Agent CodexBuiltIn { get; } = Codex with
    {
        Files = desk => [(".codex/config.toml", $"""
            model = "{desk.Model.Name}"
            openai_base_url = "{desk.Address}/v1"
            """)],
        Environment = desk => new Dictionary<string, string> { ["CODEX_API_KEY"] = desk.Client.Key },
    };

    /// <summary>Codex with one of the newest models: its tools come as an input item, and it writes JavaScript that calls them.</summary>
    public static Agent CodexScripts { get; } = Codex with
    {
        Name = "Codex, scripting",
        ModelPrefix = "gpt-6-sol-",
        Tools = new()
        {
            Read = path => Script($"cat {path}"),
            Run = Script,
            Write = (path, text) => Script($"echo '{text.Replace("{{result}}", "one line", StringComparison.Ordinal)}' > {path}"),
        },
    };

    public static Agent GeminiCli { get; } = new("Gemini CLI", NpmPackages.GeminiCli, "gemini", Protocols.Gemini)
    {
        IsNode = true,
        Tools = Gemini,
        Files = _ => [(".gemini/settings.json", """
            { "security": { "auth": { "selectedType": "gemini-api-key" } }, "privacy": { "usageStatisticsEnabled": false }, "telemetry": { "enabled": false }, "general": { "disableAutoUpdate": true } }
            """)],
        Environment = desk => new Dictionary<string, string> { ["GOOGLE_GEMINI_BASE_URL"] = desk.Address, ["GEMINI_API_KEY"] = desk.Client.Key, ["GEMINI_CLI_TRUST_WORKSPACE"] = "true" },
        Arguments = (desk, prompt) => ["-p", prompt, "-m", desk.Model.Name, "--yolo", "-o", "stream-json"],
        Said = lines =>
        {
            var texts = lines.Where(l => l.Text("type") == "message" && l.Text("role") == "assistant").Select(l => l.Text("content"));
            var stats = lines.LastOrDefault(l => l.Text("type") == "result").At("stats");
            return new(string.Concat(texts), stats.Number("input_tokens"), stats.Number("total_tokens") - stats.Number("input_tokens"));
        },
    };

    /// <summary>opencode by one of the SDK packages that it bundles.</summary>
    public static Agent OpenCode(string sdk, string protocol) => new($"opencode, {sdk}", NpmPackages.OpenCode, "opencode", protocol)
    {
        Tools = new()
        {
            Read = path => AgentTools.Call("read", ("filePath", path)),
            Run = command => AgentTools.Call("bash", ("command", command), ("description", "A step of the task")),
            Write = (path, text) => AgentTools.Call("write", ("filePath", path), ("content", text)),
        },
        Files = desk => [(".config/opencode/opencode.json", $$$"""
            {
              "$schema": "https://opencode.ai/config.json", "autoupdate": false, "share": "disabled", "permission": "allow",
              "model": "trivet/{{{desk.Model.Name}}}", "small_model": "trivet/{{{desk.Model.Name}}}-title",
              "provider": { "trivet": {
                "npm": "@ai-sdk/{{{sdk}}}", "name": "Trivet",
                "options": { "baseURL": "{{{desk.Address}}}/{{{(protocol == Protocols.Gemini ? "v1beta" : "v1")}}}", "apiKey": "{{{desk.Client.Key}}}" },
                "models": { "{{{desk.Model.Name}}}": {}, "{{{desk.Model.Name}}}-title": {} } } }
            }
            """)],
        Environment = _ => new Dictionary<string, string> { ["OPENCODE_DISABLE_AUTOUPDATE"] = "1", ["OPENCODE_DISABLE_MODELS_FETCH"] = "1", ["OPENCODE_DISABLE_LSP_DOWNLOAD"] = "1" },
        Arguments = (_, prompt) => ["run", "--format", "json", prompt],
        Said = lines =>
        {
            var texts = lines.Where(l => l.Text("type") == "text").Select(l => l.At("part").Text("text"));
            var steps = lines.Where(l => l.Text("type") == "step_finish").Select(l => l.At("part").At("tokens")).ToList();
            return new(string.Concat(texts), steps.Sum(t => t.Number("input") + t.At("cache").Number("read") + t.At("cache").Number("write")), steps.Sum(t => t.Number("output") + t.Number("reasoning")));
        },
    };

    /// <summary>Qwen Code by one of its kinds of account.</summary>
    public static Agent QwenCode(NpmPackage version, string auth, string protocol) => new($"Qwen Code, {auth}", version, "qwen", protocol)
    {
        IsNode = true,
        Tools = Gemini,
        // For a model that it does not know by Messages it asks for fewer tokens in all than for thinking, which that protocol forbids.
        Files = _ => [(".qwen/settings.json", """
            {
              "privacy": { "usageStatisticsEnabled": false }, "telemetry": { "enabled": false }, "general": { "disableAutoUpdate": true, "enableAutoUpdate": false },
              "model": { "generationConfig": { "samplingParams": { "max_tokens": 40000 } } }
            }
            """)],
        Environment = desk => auth switch
        {
            "openai" => new Dictionary<string, string> { ["OPENAI_BASE_URL"] = desk.Address + "/v1", ["OPENAI_API_KEY"] = desk.Client.Key, ["OPENAI_MODEL"] = desk.Model.Name },
            "anthropic" => new Dictionary<string, string> { ["ANTHROPIC_BASE_URL"] = desk.Address, ["ANTHROPIC_API_KEY"] = desk.Client.Key, ["ANTHROPIC_MODEL"] = desk.Model.Name },
            _ => new Dictionary<string, string> { ["GOOGLE_GEMINI_BASE_URL"] = desk.Address, ["GEMINI_API_KEY"] = desk.Client.Key, ["GEMINI_MODEL"] = desk.Model.Name },
        },
        Arguments = (_, prompt) => ["-p", prompt, "--auth-type", auth, "--yolo", "-o", "stream-json"],
        Said = lines =>
        {
            var result = lines.LastOrDefault(l => l.Text("type") == "result");
            return new(result.Text("result"), null, null); // its sums hold what it asks in the background
        },
    };
}
