using Trivet.Core.Admin.Connect;

namespace Trivet.Tests.Cli;

public sealed class ConnectVerbTests
{
    [Fact]
    public async Task Claude_code_gets_address_key_and_model_and_no_second_key()
    {
        using var here = new CommandLine();
        var typed = await here.RunHereAsync("connect", "claude-code", "--url", "http://127.0.0.1:4180/", "--key", "sk-dummy", "--model", "glm-5.3");
        Assert.Equal(0, typed.Code);
        Assert.Contains("export ANTHROPIC_BASE_URL=http://127.0.0.1:4180\n", typed.Output, StringComparison.Ordinal);
        Assert.Contains("export ANTHROPIC_AUTH_TOKEN=sk-dummy\n", typed.Output, StringComparison.Ordinal);
        Assert.Contains("export ANTHROPIC_MODEL=glm-5.3\n", typed.Output, StringComparison.Ordinal);
        Assert.Contains("unset ANTHROPIC_API_KEY\n", typed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_opencode_is_to_paste_is_json_with_the_model_in_it()
    {
        using var here = new CommandLine();
        var typed = await here.RunHereAsync("connect", "opencode", "--key", "sk-dummy", "--model", "lab/large");
        Assert.Equal(0, typed.Code);
        var json = typed.Output[typed.Output.IndexOf('{', StringComparison.Ordinal)..(typed.Output.LastIndexOf('}') + 1)];
        using var file = System.Text.Json.JsonDocument.Parse(json);
        Assert.True(file.RootElement.GetProperty("provider").GetProperty("trivet").GetProperty("models").TryGetProperty("lab/large", out _));
    }

    [Theory]
    [InlineData("codex", "base_url = \"http://127.0.0.1:4180/v1\"", "wire_api = \"responses\"", "model = \"glm-5.3\"")]
    [InlineData("gemini-cli", "export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:4180\n", "export GEMINI_MODEL=glm-5.3\n", "\"gemini-api-key\"")]
    [InlineData("qwen-code", "export OPENAI_BASE_URL=http://127.0.0.1:4180/v1\n", "export OPENAI_MODEL=glm-5.3\n", "qwen --auth-type openai")]
    [InlineData("continue", "apiBase: http://127.0.0.1:4180/v1\n", "model: glm-5.3\n", "apiKey: sk-dummy\n")]
    [InlineData("vercel-ai", "baseURL: 'http://127.0.0.1:4180/v1'", "trivet('glm-5.3')", "export TRIVET_KEY=sk-dummy\n")]
    [InlineData("langchain", "base_url=\"http://127.0.0.1:4180/v1\"", "model=\"glm-5.3\"", "export OPENAI_API_KEY=sk-dummy\n")]
    [InlineData("google-genai", "export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:4180\n", "export GEMINI_API_KEY=sk-dummy\n", "model=\"glm-5.3\"")]
    public async Task Each_client_gets_what_it_reads(string client, params string[] expected)
    {
        using var here = new CommandLine();
        var typed = await here.RunHereAsync("connect", client, "--url", "http://127.0.0.1:4180", "--key", "sk-dummy", "--model", "glm-5.3");
        Assert.Equal(0, typed.Code);
        Assert.All(expected, text => Assert.Contains(text, typed.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Running_wants_a_key_and_a_program()
    {
        using var here = new CommandLine();
        Assert.Equal(2, (await here.RunHereAsync("connect", "openai", "--run", "--key", "sk-dummy")).Code);
    }
}
