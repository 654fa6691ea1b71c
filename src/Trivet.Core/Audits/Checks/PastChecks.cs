using System.Globalization;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Audits.Statistics;

namespace Trivet.Core.Audits.Checks;

/// <summary>
/// Is it as it was when it was enrolled? Words at temperature 0 from prompts that had one answer, border prompts that had several, random strings from models that think first. "Changed since" is all that these can say:
/// a renewed alias, a mended chat template and a swapped model are the same to them. What it does not know yet it enrols, unless something speaks for a change.
/// </summary>
internal static class PastChecks
{
    /// <summary>The share of words that may differ without anything having changed. On the oddest day of a real endpoint so many answers to its border prompts were others (EVIDENCE_FACTS §1.2, the trace of arXiv 2602.11083); prompts with one word move less.</summary>
    public const double InnocentWords = 0.16;

    /// <summary>By how much border prompts may be further from their past than chance explains: on average over days. There the trace's days were .053 apart on average, of which chance explains all but a hundredth.</summary>
    public const double InnocentDrift = 0.06;

    /// <summary>The same on one day: its oddest was .160 apart.</summary>
    private const double InnocentDay = 0.12;

    private const int WordsMin = 8;
    private const int RoundWords = 12;
    private const int BorderSamples = 3;
    private const int StringsPerAudit = 9;
    private const int StringsAside = 3;
    private const int FirstPermutations = 999;
    private const int MorePermutations = 9999;
    private const double LooksAgainAt = 0.02;
    private const int Permutations = 4999;
    private const int RoundPermutations = 999;

    /// <summary>A result from which on nothing is added to the past: it may come from another model.</summary>
    private const double SuspiciousFrom = 8;

    public static async Task RunAsync(AuditSession session, double wordsThreshold, double borderThreshold, CancellationToken cancellationToken)
    {
        if (session.HasReference)
            return; // who has a reference needs no past
        if (session.Past is not { } past)
        {
            session.NotRun(CheckShares.Past, "Needs a reference (--against), or a database to keep in what it answers now.");
            session.NotRun(CheckShares.Border, "Needs its own past.");
            return;
        }

        if (past.Thinks)
        {
            await StringsAsync(session, past, wordsThreshold, cancellationToken);
            return;
        }

        var suspicion = await WordsAsync(session, past, wordsThreshold, cancellationToken);
        suspicion = Math.Max(suspicion, await BordersAsync(session, past, borderThreshold, cancellationToken));
        if (suspicion < SuspiciousFrom)
            await PastEnrolment.RunAsync(session, past, cancellationToken);
        if (session.Past is { Thinks: true } thinker)
            await StringsAsync(session, thinker, wordsThreshold, cancellationToken);
        else if (past.Words.Count < WordsMin)
            session.NotRun(CheckShares.Past, session.Stopped ?? $"It was not known before: {session.Past!.Words.Count} words were enrolled, and later audits hold it against them.");
    }

    private static async Task<double> WordsAsync(AuditSession session, EnrolledPast past, double threshold, CancellationToken cancellationToken)
    {
        if (past.Words.Count < WordsMin)
            return 1;
        var words = past.Words.ToArray();
        session.Random(CheckShares.Past).Shuffle(words);
        var (bet, other, example) = (new BettingProcess(InnocentWords, 0, 1), 0, "");
        foreach (var (prompt, word) in words.Take(session.Plan.IsRound ? RoundWords : words.Length))
        {
            if (bet.EValueMax >= 1 / threshold || await session.AskObservedAsync(CheckShares.Past, FirstWords.Question(prompt), cancellationToken) is not { } answer)
                break;
            var said = FirstWords.Of(answer);
            other += said == word ? 0 : 1;
            if (said != word && example.Length == 0)
                example = $" Then \"{word}\", now \"{said}\".";
            bet.Add(said == word ? 0 : 1);
        }

        if (bet.Count == 0)
        {
            session.NotRun(CheckShares.Past, "");
            return 1;
        }

        session.Conclude(
            new AuditFinding(CheckShares.Past, AuditVerdict.Clean, $"Of {bet.Count} prompts to which it said one word on {Date(past.SinceMs)}, it now says another to {other}; up to {InnocentWords:P0} would be nothing.{example}")
            {
                Answers = bet.Count,
                Statistic = "other words",
                Value = (double)other / bet.Count,
                EValue = bet.EValueMax,
                Evidence = bet.EValue,
            }, threshold);
        return bet.EValueMax;
    }

    private static async Task<double> BordersAsync(AuditSession session, EnrolledPast past, double threshold, CancellationToken cancellationToken)
    {
        if (past.Borders.Count < EnrolledPast.BordersMin)
        {
            session.NotRun(CheckShares.Border, $"{past.Borders.Count} border prompts were found in {past.Tried}; {EnrolledPast.BordersMin} are needed.");
            return 1;
        }

        var answers = past.Borders.Select(border => (Border: border, Now: new List<string>())).ToList();
        foreach (var (border, now) in answers)
        {
            while (now.Count < BorderSamples && await session.AskObservedAsync(CheckShares.Border, FirstWords.Question(border.Prompt), cancellationToken) is { } answer)
                now.Add(FirstWords.Of(answer));
        }

        if (answers.Exists(one => one.Now.Count < BorderSamples))
        {
            session.NotRun(CheckShares.Border, "");
            return 1;
        }

        var result = OneTokenTest.Run([.. answers.Select(one => new OneTokenAnswers(one.Border.Prompt, one.Border.Words, one.Now))], PermutationsOf(session), session.Random(CheckShares.Border), InnocentDay);
        var evidence = DriftEvidence.Of(result.Distance - result.Expected, InnocentDrift);
        session.Conclude(
            new AuditFinding(
                CheckShares.Border, AuditVerdict.Clean,
                $"{result.Requests} answers to {result.Prompts} border prompts are {result.Distance:P0} apart from those of {Date(past.SinceMs)}; samples of this size are {result.Expected:P0} apart by chance, and up to {InnocentDay:P0} more on a single day would be nothing.")
            {
                Answers = result.Requests,
                Statistic = "distance",
                Value = result.Distance,
                PValue = result.PValue,
                Evidence = evidence,
            }, threshold);
        return evidence > 1 ? Math.Max(evidence, Calibration.EValueOf(result.PValue)) : evidence;
    }

    // Each audit's strings are held against those of all audits before, and join them. So the p-values of audits are independent of each other while nothing changes (as those of conformal tests are), which those against one
    // fixed sample would not be, and evidence may be multiplied. A few of each audit are set aside unseen: when enough are there, those are the past, or else who is swapped at that moment would never be seen.
    private static async Task StringsAsync(AuditSession session, EnrolledPast past, double threshold, CancellationToken cancellationToken)
    {
        session.NotRun(CheckShares.Border, "It thinks first, so that there is no first word.");
        var now = new List<string>();
        while (now.Count < StringsPerAudit + StringsAside && await session.AskObservedAsync(CheckShares.Past, FirstWords.RandomString, cancellationToken) is { } answer)
        {
            if (answer.Text.Trim() is not { Length: > 0 } text)
                break;
            now.Add(text);
        }

        if (now.Count < StringsPerAudit)
        {
            session.NotRun(CheckShares.Past, session.Stopped ?? "Neither words nor random strings came back.");
            return;
        }

        if (past.Strings.Count == 0)
        {
            session.Past = past with { Strings = now, StringsSinceMs = session.NowMs };
            session.NotRun(CheckShares.Past, $"It was not known before: {now.Count} random strings were enrolled (it thinks first), and later audits hold it against them.");
            return;
        }

        var tested = now[..StringsPerAudit];
        var result = HeldAgainst(past, tested, session);
        session.Past = Joined(past, tested, now[StringsPerAudit..], session.NowMs);
        session.Conclude(
            new AuditFinding(CheckShares.Past, AuditVerdict.Clean, $"{tested.Count} random strings held against {past.Strings.Count} of its own since {Date(past.StringsSinceMs)} (it thinks first, so that there is no first word).")
            {
                Answers = tested.Count,
                Statistic = "score",
                Value = result.Score,
                PValue = result.PValue,
                Evidence = Calibration.EValueOf(result.PValue),
            }, threshold);
    }

    // More permutations only where the p-value is small: it stays one, for what the first look lets through is as rare as it says.
    private static TextTwoSampleResult HeldAgainst(EnrolledPast past, List<string> tested, AuditSession session)
    {
        TextTwoSampleResult Look(int permutations) =>
            TextTwoSampleTest.Run([new PromptAnswers(FirstWords.RandomString.Text, past.Strings, tested)], permutations, session.Random(CheckShares.Past + permutations), features: [TextFeatures.Characters]);
        var first = Look(FirstPermutations);
        return first.PValue <= LooksAgainAt ? Look(MorePermutations) : first;
    }

    private static EnrolledPast Joined(EnrolledPast past, List<string> tested, List<string> aside, long nowMs) => past.Strings.Count + tested.Count > EnrolledPast.StringsMax
        ? past with { Strings = [.. past.Reserve, .. aside], StringsSinceMs = nowMs, Reserve = [] }
        : past with { Strings = [.. past.Strings, .. tested], Reserve = [.. past.Reserve, .. aside] };

    private static int PermutationsOf(AuditSession session) => session.Plan.IsRound ? RoundPermutations : Permutations;

    private static string Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
