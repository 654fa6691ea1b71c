using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Assistant;

/// <summary>Cuts an answer where the request bounds it: first at a stop sequence, then at the token limit, exactly.</summary>
internal static class AnswerLimits
{
    public static void Apply(Answer answer, Ask ask)
    {
        ApplyStopSequences(answer, ask.StopSequences);
        if (ask.TokensMax is { } most)
        {
            ApplyTokenLimit(answer, most);
        }
    }

    private static void ApplyStopSequences(Answer answer, List<string> sequences)
    {
        for (var i = 0; i < answer.Blocks.Count && sequences.Count > 0; i++)
        {
            if (answer.Blocks[i].Kind != BlockKind.Text)
            {
                continue;
            }

            var text = answer.Blocks[i].Text;
            var (at, sequence) = sequences.Select(s => (At: text.IndexOf(s, StringComparison.Ordinal), Sequence: s)).Where(f => f.At >= 0).OrderBy(f => f.At).FirstOrDefault((-1, ""));
            if (at < 0)
            {
                continue;
            }

            answer.Blocks[i] = answer.Blocks[i] with { Text = text[..at] };
            answer.Blocks.RemoveRange(at == 0 ? i : i + 1, answer.Blocks.Count - (at == 0 ? i : i + 1));
            answer.Stop = Stop.StopSequence;
            answer.StopSequence = sequence;
            return;
        }
    }

    private static void ApplyTokenLimit(Answer answer, int tokensMax)
    {
        var left = tokensMax;
        for (var i = 0; i < answer.Blocks.Count; i++)
        {
            var block = answer.Blocks[i];
            if (block.Tokens <= left)
            {
                left -= block.Tokens;
                continue;
            }

            var spent = block.Kind == BlockKind.ToolCall ? SandboxTokenizer.Count(block.Name) : 0;
            var keep = left - spent;
            if (keep > 0)
            {
                answer.Blocks[i] = block with { Text = block.Text[..SandboxTokenizer.End(block.Text, 0, keep)].TrimEnd() };
                i++;
            }

            answer.Blocks.RemoveRange(i, answer.Blocks.Count - i);
            answer.Stop = Stop.Length;
            answer.StopSequence = null;
            return;
        }
    }
}
