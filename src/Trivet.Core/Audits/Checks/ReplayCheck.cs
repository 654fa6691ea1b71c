using Trivet.Core.Audits.Probes;
using Trivet.Core.Failures;

namespace Trivet.Core.Audits.Checks;

/// <summary>
/// Did Claude think this? A block of thoughts is signed by Anthropic, who refuses one that is not its own when it is sent back. The upstream thinks about words that nobody has seen before, and the reference, Anthropic itself, is
/// given the conversation to go on with. Who is accepted had some genuine Claude think just now, for the thought has the words in it; that not every request is served so, and by which Claude this one was, it cannot show.
/// </summary>
internal static class ReplayCheck
{
    private const int RequestsMax = 3;
    private const int ThinkingTokens = 1024;      // the least that Anthropic takes
    private const int AnswerTokens = 1400;        // has to be more than the thoughts
    private const string GoOn = "Thank you. Say goodbye in one word.";

    public static async Task RunAsync(AuditSession session, double threshold, CancellationToken cancellationToken)
    {
        if (!AuditSteps.IsClaude(session.Observed))
            return;
        if (session.Reference is not { } reference || !AuditSteps.IsClaude(reference))
        {
            session.NotRun(CheckShares.Replay, "Needs Anthropic itself as reference (--against): it alone can tell whether it has signed a thought.");
            return;
        }

        var draw = session.Draw(CheckShares.Replay);
        var (refused, unbound, silent) = (new RareEvents(CheckShares.Replay, threshold), 0, 0);

        // What the reference does not take of its own says nothing about others'.
        var (question, words) = Question(draw);
        if (await session.AskReferenceAsync(CheckShares.Replay, question, cancellationToken) is not { Thoughts.Count: > 0 } own || await IsTakenAsync(session, question, own, cancellationToken) != true)
        {
            session.NotRun(CheckShares.Replay, session.Stopped ?? "The reference gave no signed thoughts, or did not take its own back.");
            return;
        }

        for (var i = 0; i < RequestsMax && !refused.IsDecided; i++)
        {
            (question, words) = Question(draw);
            if (await session.AskObservedAsync(CheckShares.Replay, question, cancellationToken) is not { } answer)
                break;
            if (answer.Thoughts.Count == 0)
                silent++;
            else if (await IsTakenAsync(session, question, answer, cancellationToken) is { } isTaken)
            {
                var isFresh = words.All(word => answer.Thoughts[0].Text.Contains(word, StringComparison.OrdinalIgnoreCase));
                if (isTaken && !isFresh)
                    unbound++;
                else
                    refused.Add(!isTaken);
            }
        }

        if (refused.Trials == 0)
            session.Findings.Add(new AuditFinding(CheckShares.Replay, silent + unbound == 0 ? AuditVerdict.NotRun : AuditVerdict.Unclear, silent + unbound == 0 ? session.Stopped ?? "No answer to test."
                : silent > 0 ? $"Asked to think, it gave no signed thoughts {silent} times." : $"{unbound} thoughts were genuine and spoke of something else than what was asked: they may be older ones."));
        else
            session.Conclude(refused.Finding(
                $"{reference.Id} refused {refused.Count} of {refused.Trials} of its signed thoughts: no Claude has thought them.",
                $"{reference.Id} took {refused.Trials} of its signed thoughts as genuine, and they spoke of words that nobody had seen before: some Claude thought them. Other requests may be served otherwise."), threshold);
    }

    private static (ProbeQuestion Question, string[] Words) Question(Draw draw)
    {
        string[] words = [draw.Code(6), draw.Code(6)];
        return (new ProbeQuestion($"Two parcels are marked {words[0]} and {words[1]}. Compare the two marks letter by letter in your thoughts. Which comes first in the alphabet? Answer with the mark alone.", AnswerTokens) { ThinkingTokens = ThinkingTokens }, words);
    }

    // Null where it could not be learnt.
    private static async Task<bool?> IsTakenAsync(AuditSession session, ProbeQuestion question, ProbeAnswer answer, CancellationToken cancellationToken)
    {
        var back = new ProbeQuestion(GoOn, AnswerTokens)
        {
            Earlier = [new(true, question.Text)],
            Signed = new SignedAnswer(answer.Thoughts[0], answer.Text.Trim() is { Length: > 0 } text ? text : "Done."),
            ThinkingTokens = ThinkingTokens,        // where nobody is to think, thoughts that were sent are not looked at
        };
        return await session.AskReferenceAsync(CheckShares.Replay, back, cancellationToken) is not null ? true : session.LastFailure?.Kind == FailureKind.UpstreamThoughtsRefused ? false : null;
    }
}
