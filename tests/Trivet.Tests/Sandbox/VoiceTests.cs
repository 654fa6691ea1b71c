using System.Text.Json.Nodes;

namespace Trivet.Tests.Sandbox;

/// <summary>Models with a voice of their own, and vendors that cheat with them.</summary>
public sealed class VoiceTests
{
    [Fact]
    public async Task A_voice_samples_at_temperature_1_and_nearly_repeats_itself_at_0()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var sampled = await SayAsync(sandbox, "sandbox-voice-A", 1, 60, 10);
        var fixedWords = await SayAsync(sandbox, "sandbox-voice-A", 0, 1, 40);

        Assert.Equal(10, sampled.Distinct().Count());
        Assert.InRange(fixedWords.GroupBy(word => word).Max(group => group.Count()), 34, 40);
    }

    [Fact]
    public async Task Another_voice_says_other_words_and_a_swap_is_that_voice()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var own = Usual(await SayAsync(sandbox, "sandbox-voice-A", 0, 1, 9));
        var other = Usual(await SayAsync(sandbox, "sandbox-voice-B", 0, 1, 9));
        var swapped = Usual(await SayAsync(sandbox, "sandbox-voice-A@swap=B", 0, 1, 9));

        Assert.NotEqual(own, other);
        Assert.Equal(other, swapped);
    }

    [Fact]
    public async Task A_mix_answers_its_share_with_the_other_voice()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var own = Usual(await SayAsync(sandbox, "sandbox-voice-A", 0, 1, 9));
        var mixed = await SayAsync(sandbox, "sandbox-voice-A@mix=B:share=0.5", 0, 1, 60);

        Assert.InRange(mixed.Count(word => word == own), 15, 45);
    }

    [Fact]
    public async Task Tokens_are_inflated_hidden_prompts_billed_and_cached_tokens_pocketed()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        JsonNode Usage(JsonNode answer) => answer["usage"]!;
        var honest = Usage(await sandbox.ChatAsync("sandbox-text-100", "x"));
        var inflated = Usage(await sandbox.ChatAsync("sandbox-text-100@inflate=8", "x"));
        var hidden = Usage(await sandbox.ChatAsync("sandbox-text-100@hidden-system=300", "x"));
        await sandbox.ChatAsync("sandbox-chat-cached@pocket-cache", "a long prefix");
        var pocketed = Usage(await sandbox.ChatAsync("sandbox-chat-cached@pocket-cache", "a long prefix"));

        Assert.Equal((100, 108), ((int)honest["completion_tokens"]!, (int)inflated["completion_tokens"]!));
        Assert.Equal((int)honest["prompt_tokens"]! + 300, (int)hidden["prompt_tokens"]!);
        Assert.Equal(0, (int?)pocketed["prompt_tokens_details"]?["cached_tokens"] ?? 0);
    }

    [Fact]
    public async Task Fenced_text_comes_back_unchanged_unless_the_vendor_tampers_or_injects()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Ask = "Give this back:\n```\nhttps://a.example/x\n```";

        Assert.Equal("```\nhttps://a.example/x\n```", await TextAsync(sandbox, "sandbox-voice-A", Ask));
        Assert.DoesNotContain("https://a.example", await TextAsync(sandbox, "sandbox-voice-A@tamper", Ask), StringComparison.Ordinal);
        Assert.EndsWith("buy now", await TextAsync(sandbox, "sandbox-voice-A@inject=buy now", Ask), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_of_answers_repeats_them_at_any_temperature()
    {
        await using var sandbox = await SandboxClient.StartAsync();

        Assert.Single((await SayAsync(sandbox, "sandbox-voice-A@answer-cache", 1, 60, 5)).Distinct());
    }

    [Fact]
    public async Task Questions_of_the_key_are_answered_as_often_as_the_skill_says()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        sandbox.Host.Answers("""[{"question":"What is 2+2?","answer":"4","wrong":"5"}]""");
        var right = 0;
        for (var i = 0; i < 60; i++)
            right += await TextAsync(sandbox, "sandbox-voice-A@skill=0.7", "What is 2+2?") == "4" ? 1 : 0;

        Assert.InRange(right, 30, 54);
        Assert.Equal("4", await TextAsync(sandbox, "sandbox-voice-A", "What is 2+2?"));
    }

    private static string Usual(List<string> words) => words.GroupBy(word => word).MaxBy(group => group.Count())!.Key;

    private static async Task<string> TextAsync(SandboxClient sandbox, string model, string text) => (string)(await sandbox.ChatAsync(model, text))["choices"]![0]!["message"]!["content"]!;

    private static async Task<List<string>> SayAsync(SandboxClient sandbox, string model, double temperature, int tokens, int times)
    {
        var said = new List<string>();
        for (var i = 0; i < times; i++)
        {
            var answer = await sandbox.JsonAsync(
                "/v1/chat/completions", $$"""{"model":"{{model}}","temperature":{{temperature}},"max_tokens":{{tokens}},"messages":[{"role":"user","content":"Tell me about ships."}]}""");
            said.Add((string)answer["choices"]![0]!["message"]!["content"]!);
        }

        return said;
    }
}
