using Trivet.Core.Audits.Enrolment;

namespace Trivet.Core.Audits.Checks;

/// <summary>Gathers what an offering answers now. Each prompt is asked a few times: one that has several answers lies on the border between words, the others have a word of their own. A round gathers some of it.</summary>
internal static class PastEnrolment
{
    private const int TriesOfPrompt = 3;
    private const int RoundPrompts = 14;
    private const int EmptyMax = 3;

    public static async Task RunAsync(AuditSession session, EnrolledPast past, CancellationToken cancellationToken)
    {
        var draw = session.Draw(CheckShares.Past);
        var known = past.Words.Select(word => word.Prompt).Concat(past.Borders.Select(border => border.Prompt)).ToHashSet(StringComparer.Ordinal);
        var empty = 0;
        for (var i = 0; !past.IsWhole && i < (session.Plan.IsRound ? RoundPrompts : EnrolledPast.WordsMax + EnrolledPast.BordersMax); i++)
        {
            var prompt = FirstWords.Prompt(draw);
            if (!known.Add(prompt))
                continue;
            if (await SayAsync(session, prompt, TriesOfPrompt, cancellationToken) is not { } said)
                break;
            if (said.Exists(word => word.Length == 0))
            {
                if (++empty < EmptyMax || past.Words.Count > 0)
                    continue;
                past = past with { Thinks = true };
                break;
            }

            past = past with { Tried = past.Tried + 1 };
            if (said.TrueForAll(word => word == said[0]))
                past = past.Words.Count < EnrolledPast.WordsMax ? past with { Words = [.. past.Words, new PastWord(prompt, said[0])] } : past;
            else if (past.Borders.Count < EnrolledPast.BordersMax && await SayAsync(session, prompt, EnrolledPast.BorderAnswers, cancellationToken) is { } more)
                past = past with { Borders = [.. past.Borders, new PastBorder(prompt, more)] }; // those that chose it are not among them: they would make the border look wider than it is
        }

        session.Past = past;
    }

    private static async Task<List<string>?> SayAsync(AuditSession session, string prompt, int times, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        while (said.Count < times)
        {
            if (await session.AskObservedAsync(CheckShares.Past, FirstWords.Question(prompt), cancellationToken) is not { } answer)
                return null;
            said.Add(FirstWords.Of(answer));
        }

        return said;
    }
}
