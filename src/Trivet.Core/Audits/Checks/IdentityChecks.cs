using Trivet.Core.Audits.Probes;
using Trivet.Core.Audits.Statistics;

namespace Trivet.Core.Audits.Checks;

/// <summary>Is it the model that the reference serves? "Different" is all that these can say; what it is instead, and whether it is worse, they cannot.</summary>
internal static class IdentityChecks
{
    private const int PairsMax = 20;
    private const int RandomStrings = 9;
    private const int Permutations = 4999;
    private const int RoundPermutations = 999;
    private const int SampledTokens = 120;

    /// <summary>Prompts and answers to each, per look: a whole swap shows at the first, a share of foreign answers at the last.</summary>
    private static readonly (int Prompts, int Samples)[] Looks = [(10, 2), (25, 4), (25, 10)];

    /// <summary>One word at temperature 0, reference and observed in turn: the bet is that the reference repeats itself and the other does not.</summary>
    public static async Task OneTokenAsync(AuditSession session, double threshold, CancellationToken cancellationToken)
    {
        if (!session.HasReference)
        {
            session.NotRun(CheckShares.OneToken, "Needs a reference (--against).");
            return;
        }

        var draw = session.Draw(CheckShares.OneToken);
        var bet = new ExchangeabilityBet();
        var (empty, same) = (0, 0);
        while (bet.Pairs < PairsMax && bet.EValueMax < 1 / threshold && empty < 3)
        {
            var question = FirstWords.Question(FirstWords.Prompt(draw));
            var expected = await session.AskReferenceAsync(CheckShares.OneToken, question, cancellationToken);
            var again = await session.AskReferenceAsync(CheckShares.OneToken, question, cancellationToken);
            var observed = await session.AskObservedAsync(CheckShares.OneToken, question, cancellationToken);
            if (expected is null || again is null || observed is null)
                break;
            if (FirstWords.Of(expected).Length == 0)
            {
                empty++;       // thoughts have eaten the limit: a reasoning model
                continue;
            }

            var isSame = FirstWords.Of(observed) == FirstWords.Of(expected);
            same += isSame ? 1 : 0;
            bet.Add(FirstWords.Of(again) == FirstWords.Of(expected) ? 1 : 0, isSame ? 1 : 0);
        }

        if (bet.Pairs == 0)
        {
            await RandomStringsAsync(session, threshold, cancellationToken);
            return;
        }

        session.Conclude(
            new AuditFinding(CheckShares.OneToken, AuditVerdict.Clean, $"At temperature 0 it said the reference's word in {same} of {bet.Pairs} prompts.") { Answers = bet.Pairs, Statistic = "agreement", Value = (double)same / bet.Pairs, EValue = bet.EValueMax, Evidence = bet.EValue }, threshold);
    }

    /// <summary>Sampled answers at temperature 1, at up to three looks, each at a third of the error rate. Also whether answers repeat that should differ.</summary>
    public static async Task SamplingAsync(AuditSession session, double threshold, double repeatsThreshold, CancellationToken cancellationToken)
    {
        var draw = session.Draw(CheckShares.Sampling);
        var looks = !session.HasReference ? [(3, 3)] : session.Plan.IsRound ? Looks[..1] : Looks;
        var prompts = Enumerable.Range(0, looks[^1].Prompts).Select(_ => $"Write a short paragraph about a {draw.Word()} and a {draw.Word()} in {draw.City()}.").ToList();
        var answers = prompts.ConvertAll(prompt => (Prompt: prompt, Reference: new List<string>(), Observed: new List<string>()));
        TextTwoSampleResult? result = null;
        var least = 1.0;
        foreach (var (count, samples) in looks)
        {
            if (!await SampleAsync(session, answers[..count], samples, cancellationToken) || !session.HasReference)
                break;
            result = TextTwoSampleTest.Run([.. answers[..count].Select(a => new PromptAnswers(a.Prompt, a.Reference, a.Observed))], session.Plan.IsRound ? RoundPermutations : Permutations, session.Random(CheckShares.Sampling + samples));
            least = Math.Min(least, result.Value.PValue);
            if (least * looks.Length <= threshold)
                break;
        }

        Repeats(session, answers, repeatsThreshold);
        if (result is not { } found)
        {
            session.NotRun(CheckShares.Sampling, session.HasReference ? "" : "Needs a reference (--against).");
            return;
        }

        session.Conclude(
            new AuditFinding(CheckShares.Sampling, AuditVerdict.Clean, $"{found.Answers} sampled answers to {found.Prompts} prompts {(least * looks.Length <= threshold ? "differ from" : "do not differ from")} as many of the reference.")
            {
                Answers = found.Answers,
                Statistic = "score",
                Value = found.Score,
                PValue = Math.Min(1, least * looks.Length),
                Evidence = Calibration.EValueOf(Math.Min(1, least * looks.Length)),
            }, threshold);
    }

    private static async Task<bool> SampleAsync(AuditSession session, List<(string Prompt, List<string> Reference, List<string> Observed)> answers, int samples, CancellationToken cancellationToken)
    {
        foreach (var (prompt, reference, observed) in answers)
        {
            var question = new ProbeQuestion(prompt, SampledTokens) { Temperature = 1 };
            while (observed.Count < samples)
            {
                if (await session.AskObservedAsync(CheckShares.Sampling, question, cancellationToken) is not { } one)
                    return false;
                observed.Add(one.Text);
            }

            while (session.HasReference && reference.Count < samples)
            {
                if (await session.AskReferenceAsync(CheckShares.Sampling, question, cancellationToken) is not { } one)
                    return false;
                reference.Add(one.Text);
            }
        }

        return true;
    }

    private static void Repeats(AuditSession session, List<(string Prompt, List<string> Reference, List<string> Observed)> answers, double threshold)
    {
        var repeats = new RareEvents(CheckShares.Repeats, threshold);
        foreach (var (_, reference, observed) in answers)
        {
            if (observed.Count > 1 && !repeats.IsDecided)
                repeats.Add(HasTwin(observed) && !HasTwin(reference));
        }

        session.Conclude(
            repeats.Finding(
                $"To {repeats.Count} of {repeats.Trials} prompts it gave the same answer twice, word for word, at temperature 1: answers come from a cache, or the temperature is not passed on.",
                $"Answers to {repeats.Trials} prompts at temperature 1 differ, as samples do."), threshold);
    }

    // Short answers may agree by chance.
    private static bool HasTwin(List<string> texts) => texts.Where(text => text.Length >= 80).GroupBy(text => text, StringComparer.Ordinal).Any(group => group.Count() > 1);

    /// <summary>Models that think first have no first word; what they take for random gives them away as well (arXiv 2606.03330).</summary>
    private static async Task RandomStringsAsync(AuditSession session, double threshold, CancellationToken cancellationToken)
    {
        var question = FirstWords.RandomString;
        var (reference, observed) = (new List<string>(), new List<string>());
        for (var i = 0; i < RandomStrings; i++)
        {
            if (await session.AskReferenceAsync(CheckShares.OneToken, question, cancellationToken) is not { Text.Length: > 0 } theirs || await session.AskObservedAsync(CheckShares.OneToken, question, cancellationToken) is not { Text.Length: > 0 } ours)
                break;
            reference.Add(theirs.Text.Trim());
            observed.Add(ours.Text.Trim());
        }

        if (observed.Count < RandomStrings)
        {
            session.NotRun(CheckShares.OneToken, session.Stopped ?? "Neither words nor random strings came back.");
            return;
        }

        var result = TextTwoSampleTest.Run([new PromptAnswers(question.Text, reference, observed)], Permutations, session.Random(CheckShares.OneToken), features: [TextFeatures.Characters]);
        session.Conclude(
            new AuditFinding(CheckShares.OneToken, AuditVerdict.Clean, $"{observed.Count} random strings held against {reference.Count} of the reference (it thinks first, so that there is no first word).") { Answers = observed.Count, Statistic = "score", Value = result.Score, PValue = result.PValue, Evidence = Calibration.EValueOf(result.PValue) },
            threshold);
    }
}
