namespace Trivet.Sandbox.Assistant;

/// <summary>Who answers a request to a voice model, and with what luck.</summary>
/// <param name="VoiceName">The voice that really speaks: not the one asked for, where it was swapped.</param>
/// <param name="Skill">Probability of a right answer to a question of the key.</param>
/// <param name="Temperature">As asked; 1 where the request says nothing.</param>
/// <param name="Seed">This request's own randomness.</param>
internal sealed record VoiceSpeaker(string VoiceName, double Skill, double Temperature, ulong Seed)
{
    private const string Fence = "```";

    /// <summary>The keyed answer to what was asked, right or wrong, or the text itself where the key does not know it: directives are read from either.</summary>
    public string Script(string userText, AnswerKey key)
    {
        var luck = new SampleRandom(Seed ^ 0x5EED);
        return key.For(userText, luck.NextDouble() < Skill) ?? userText;
    }

    /// <summary>What it says: the keyed answer, what it was given in a fence to repeat, or words of its own.</summary>
    public string Text(string userText, AnswerKey key)
    {
        var script = Script(userText, key);
        if (!ReferenceEquals(script, userText))
        {
            return script;
        }

        var random = new SampleRandom(Seed);
        return Fenced(userText) is { } block ? Fence + block + Fence : Voice.Answer(VoiceName, userText, Temperature, ref random);
    }

    /// <summary>The arguments that the user's text spells out in a fence, for a tool that takes them; null where there are none.</summary>
    public static string? FencedJson(string userText)
    {
        if (Fenced(userText) is not { } block)
        {
            return null;
        }

        var start = block.IndexOf('{', StringComparison.Ordinal);
        var end = block.LastIndexOf('}');
        return start < 0 || end < start ? null : block[start..(end + 1)];
    }

    private static string? Fenced(string text)
    {
        var end = text.LastIndexOf(Fence, StringComparison.Ordinal);
        var start = end <= 0 ? -1 : text.LastIndexOf(Fence, end - 1, StringComparison.Ordinal);
        return start < 0 ? null : text[(start + Fence.Length)..end];
    }
}
