using Trivet.Core.Audits;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>Answers an audit's questions as a simulated upstream would: what is asked is understood from the question alone, as an upstream must.</summary>
internal sealed class SimulatedProber(AuditPlan plan, Offering offering, Seller seller, IReadOnlyDictionary<string, SimulatedModel> models, Random random, TimeProvider time, bool drifts = false) : IProber
{
    private const double FailureRate = 0.01;
    private const double CacheHitRate = 0.92;

    /// <summary>How often an honest model garbles what it is to give back: less than what the tests take for honest (0.01).</summary>
    private const double SlipRate = 0.003;

    private const double Skill = 0.92, ForeignSkill = 0.75;
    private const double MixedShare = 0.3, TamperedShare = 0.5, Inflation = 1.08;
    private const int TemplateTokens = 9;
    private const int ItemsMax = 96;

    private readonly HashSet<string> _cached = new(StringComparer.Ordinal);
    private Dictionary<string, CapabilityItem>? _key;

    public Offering Offering => offering;

    public Protocol Protocol => Protocol.OpenAIChat;

    public Task<ProbeAnswer> AskAsync(ProbeQuestion question, CancellationToken cancellationToken) => Task.FromResult(Answer(question));

    public void Dispose()
    {
        // Nothing is held.
    }

    private ProbeAnswer Answer(ProbeQuestion question)
    {
        if (random.NextDouble() < FailureRate)
            return new ProbeAnswer { Failure = new Failure(FailureKind.UpstreamServerError) };
        var does = seller.DoesAt(time.GetUtcNow().ToUnixTimeMilliseconds());
        var isForeign = does?.Name == Deceit.Swap.Name || does == Deceit.Thinker || (does == Deceit.Mix && random.NextDouble() < MixedShare);
        var model = models[isForeign ? Seller.ForeignModel : offering.Model];
        var (text, arguments, isCut) = Said(question, model, isForeign, does);
        return Reported(question, text, arguments, isCut, does);
    }

    private (string Text, string? Arguments, bool IsCut) Said(ProbeQuestion question, SimulatedModel model, bool isForeign, Deceit? does)
    {
        var asked = question.Text;
        if (asked.StartsWith("Tell a long story", StringComparison.Ordinal))
            return (model.Paragraph(question.TokensMax, random), null, true);
        if (asked.StartsWith("Say one word", StringComparison.Ordinal))
            return (seller.Thinks ? "" : drifts ? model.Word(asked, random, (long)(time.GetUtcNow().ToUnixTimeMilliseconds() / FleetRun.DayMs), does == Deceit.Renew) : model.Word(asked, random), null, false);
        if (asked.StartsWith("Make up a random password", StringComparison.Ordinal))
            return (model.Password(random), null, false);
        if (asked.StartsWith("Write a short paragraph", StringComparison.Ordinal))
            return (model.Paragraph(random.Next(60, 90), random), null, false);
        if (asked.StartsWith("Give this block back", StringComparison.Ordinal))
            return ($"```\n{Slipped(Block(asked))}\n```", null, false);
        if (question.Tool is { Name: "save_record" })
        {
            var record = Slipped(Block(asked));
            return ("", does == Deceit.Tamper && random.NextDouble() < TamperedShare ? record.Replace("https://", "https://mirror.evil.example/", StringComparison.Ordinal) : record, false);
        }

        // Greetings and questions for one word; whatever else is asked is an item.
        if (question.TokensMax <= 16)
            return ("Yes.", null, false);
        _key ??= CapabilityItems.Make(plan.Seed, ItemsMax).DistinctBy(item => item.Question.Text).ToDictionary(item => item.Question.Text, StringComparer.Ordinal);
        if (!_key.TryGetValue(asked, out var item))
            return ("Hello!", null, false);
        var isRight = random.NextDouble() < (isForeign ? ForeignSkill : Skill);
        return item.Skill == CapabilitySkill.ToolCalls ? ("", isRight ? item.Expected : "{}", false) : (isRight ? item.Expected : "I do not know.", null, false);
    }

    private ProbeAnswer Reported(ProbeQuestion question, string text, string? arguments, bool isCut, Deceit? does)
    {
        // A word is a token here, and no two counters agree to the token.
        var input = TemplateTokens + Tokens(question.Text) + (question.System is { } system ? Tokens(system) : 0) + (question.Tool is null ? 0 : 60) + (isCut ? 0 : random.Next(-1, 2));
        var output = isCut ? question.TokensMax : Math.Min(question.TokensMax, Math.Max(1, Tokens(text) + (arguments is null ? 0 : Tokens(arguments) + 12)));
        var cached = 0;
        if (question.System is { Length: > 4000 } prefix && !_cached.Add(prefix) && random.NextDouble() < CacheHitRate)
            cached = does == Deceit.Pocket ? 0 : Tokens(prefix) / 64 * 64;
        if (does == Deceit.Inflate)
            (input, output) = ((int)Math.Ceiling(input * Inflation), (int)Math.Ceiling(output * Inflation));
        return new ProbeAnswer
        {
            Text = text,
            Arguments = arguments,
            StopReason = isCut ? StopReason.MaxTokens : StopReason.EndTurn,
            Usage = Usage.FromInclusive(input, cached, 0, output, 0),
            Model = offering.Model,
            Body = $$$"""{"usage":{"prompt_tokens":{{{input}}},"completion_tokens":{{{output}}},"prompt_tokens_details":{"cached_tokens":{{{cached}}}},"total_tokens":{{{input + output}}}}}""",
        };
    }

    private string Slipped(string text) => random.NextDouble() < SlipRate ? text[..^1] : text;

    private static int Tokens(string text)
    {
        var (count, isInside) = (0, false);
        foreach (var c in text)
        {
            var isLetter = char.IsLetterOrDigit(c);
            count += isLetter && !isInside ? 1 : 0;
            isInside = isLetter;
        }

        return count;
    }

    // What stands in the question's code fence.
    private static string Block(string text)
    {
        var start = text.IndexOf('\n', text.IndexOf("```", StringComparison.Ordinal)) + 1;
        return text[start..text.LastIndexOf("\n```", StringComparison.Ordinal)];
    }
}
