using System.Text;
using System.Text.Json;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Audits.Statistics;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Audits.Checks;

/// <summary>
/// Is what is billed what was used? None of these needs the vendor's tokenizer: an answer that a limit of k tokens cut is k tokens long, and the same text sent back is k tokens of input. They see inflation of four percent
/// and more of input and any of a cut answer's output; not tokens of thoughts that nobody is shown, nor inflation that spares short requests.
/// </summary>
internal static class BillingChecks
{
    private const int CutAt = 150;
    private const int RequestsMax = 6;
    private const int CacheRequests = 8;
    private const int CachedWords = 1100;             // above 1,024 tokens in every vendor's count, the least that is cached (EVIDENCE_FACTS §5)

    private static readonly string[][] PromptNames = [["prompt_tokens", "input_tokens", "promptTokenCount"], ["completion_tokens", "output_tokens", "candidatesTokenCount"], ["total_tokens", "totalTokenCount"]];

    /// <summary>A limit of k bills at most k; the text that it cut is then sent back and must come to k tokens of input.</summary>
    public static async Task LengthsAsync(AuditSession session, double outputThreshold, double inputThreshold, CancellationToken cancellationToken)
    {
        var draw = session.Draw(CheckShares.Output);
        var (output, input) = (new RareEvents(CheckShares.Output, outputThreshold), new RareEvents(CheckShares.Input, inputThreshold));
        var (mostOutput, ratios) = (0L, new List<double>());
        for (var i = 0; i < RequestsMax && !(output.IsDecided && input.IsDecided); i++)
        {
            var story = await session.AskObservedAsync(CheckShares.Output, new ProbeQuestion($"Tell a long story in which a {draw.Word()}, a {draw.Word()} and a {draw.Word()} matter.", CutAt), cancellationToken);
            if (story is null)
                break;
            if (story.Usage is not { IsEstimate: false } usage)
                continue;
            output.Add(usage.OutputTotal > CutAt + 1);
            mostOutput = Math.Max(mostOutput, usage.OutputTotal);
            if (story.StopReason != StopReason.MaxTokens || usage.OutputReasoning > 0 || await AddedAsync(session, story.Text, cancellationToken) is not { } added)
                continue;
            ratios.Add((double)added / CutAt);
            input.Add(added > CutAt * 1.04 + 3);
        }

        session.Conclude(output.Finding($"A limit of {CutAt} tokens was billed as up to {mostOutput}.", $"Limits of {CutAt} tokens were billed as at most {mostOutput}."), outputThreshold);
        var mean = ratios.Count == 0 ? 0 : ratios.Average();
        session.Conclude(
            input.Finding($"{CutAt} tokens of text were billed as {mean * CutAt:0} tokens of input, {mean - 1:+0.0%;-0.0%} of what they are.", $"{CutAt} tokens of text were billed as {mean * CutAt:0} tokens of input.")
                with
            { Statistic = "billed / true", Value = ratios.Count == 0 ? null : mean }, inputThreshold);
    }

    /// <summary>Does a long prefix that is sent again and again get the discount that the reference gives?</summary>
    public static async Task CacheAsync(AuditSession session, double threshold, CancellationToken cancellationToken)
    {
        if (!session.HasReference)
        {
            session.NotRun(CheckShares.Cache, "Needs a reference (--against): how often a cache hits by itself is the vendor's to say.");
            return;
        }

        var draw = session.Draw(CheckShares.Cache);
        var prefix = new StringBuilder();
        for (var i = 0; i < CachedWords; i++)
            prefix.Append(draw.Word()).Append(i % 12 == 11 ? ".\n" : " ");
        var (observed, reference, bet) = (new List<double>(), new List<double>(), new ExchangeabilityBet());
        for (var i = 0; i < CacheRequests; i++)
        {
            var question = new ProbeQuestion($"Is the word {draw.Word()} in this list? Answer yes or no.", 16) { System = prefix.ToString() };
            if (await session.AskReferenceAsync(CheckShares.Cache, question, cancellationToken) is not { Usage: { } theirs } || await session.AskObservedAsync(CheckShares.Cache, question, cancellationToken) is not { Usage: { } ours })
                break;
            if (i == 0)
                continue;          // the first one writes
            reference.Add((double)theirs.CacheRead / Math.Max(1, theirs.InputTotal));
            observed.Add((double)ours.CacheRead / Math.Max(1, ours.InputTotal));
            bet.Add(reference[^1], observed[^1]);
        }

        if (reference.Count == 0 || reference.TrueForAll(share => share == 0))
        {
            session.NotRun(CheckShares.Cache, reference.Count == 0 ? "" : "The reference reported no cached tokens either: there is no discount to pocket.");
            return;
        }

        // φ: what was reported as cached over what the reference's cache says was due. Below 1 it is a discount pocketed, or an upstream that spreads one client over many accounts.
        var (hits, due, truth) = (observed.Count(share => share > 0), reference.Count(share => share > 0), observed.Sum() / reference.Sum());
        session.Conclude(
            new AuditFinding(
                CheckShares.Cache, AuditVerdict.Clean,
                $"Of {observed.Count} requests with a prefix just sent, {hits} were billed with cached tokens ({observed.Average():P0} of input); at the reference {due} ({reference.Average():P0}). It reported {truth:P0} of the cached tokens that were due.")
            {
                Answers = observed.Count,
                Statistic = "φ",
                Value = truth,
                Evidence = bet.EValue,
                PValue = FisherExactTest.PValueFewer(due, reference.Count, hits, observed.Count),
            }, threshold);
    }

    /// <summary>Numbers of one answer that contradict each other, over all answers so far.</summary>
    public static void Arithmetic(AuditSession session, double threshold)
    {
        var wrong = new RareEvents(CheckShares.Arithmetic, threshold);
        foreach (var (_, answer) in session.Answers)
        {
            if (!wrong.IsDecided && IsContradiction(answer.Body) is { } contradicts)
                wrong.Add(contradicts);
        }

        session.Conclude(wrong.Finding($"In {wrong.Count} of {wrong.Trials} answers the token counts contradict each other.", $"The token counts of {wrong.Trials} answers add up."), threshold);
    }

    // Null where the answer does not report what could be added up.
    private static bool? IsContradiction(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (!(document.RootElement.TryGetProperty("usage", out var usage) || document.RootElement.TryGetProperty("usageMetadata", out usage)) || usage.ValueKind != JsonValueKind.Object)
                return null;
            var (input, output, total) = (Count(usage, PromptNames[0]), Count(usage, PromptNames[1]), Count(usage, PromptNames[2]));
            var cached = usage.TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object ? Count(details, "cached_tokens") : null;
            var thoughts = Count(usage, "thoughtsTokenCount") ?? 0;
            return total is null && cached is null ? null : (total is { } sum && input + output + thoughts > sum) || cached > input;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long? Count(JsonElement usage, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
                return number;
        }

        return null;
    }

    // By how many input tokens a prompt grows with a text: what the template adds cancels out.
    private static async Task<long?> AddedAsync(AuditSession session, string text, CancellationToken cancellationToken)
    {
        const string Ask = "Name the mood of this story in one word.";
        var without = await session.AskObservedAsync(CheckShares.Input, new ProbeQuestion(Ask, 16), cancellationToken);
        var with = without is null ? null : await session.AskObservedAsync(CheckShares.Input, new ProbeQuestion($"{Ask}\n\n{text}", 16), cancellationToken);
        return with is { Usage: { IsEstimate: false } more } && without is { Usage: { IsEstimate: false } less } ? more.InputTotal - less.InputTotal : null;
    }
}
