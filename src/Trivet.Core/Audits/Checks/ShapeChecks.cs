using Trivet.Core.Audits.Probes;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Audits.Checks;

/// <summary>What answers look like, read from those that are there already: costs nothing, and can only accuse. A forger who copies the shape passes.</summary>
internal static class ShapeChecks
{
    public static void Model(AuditSession session, double threshold)
    {
        var other = new RareEvents(CheckShares.Shape, threshold);
        var named = "";
        foreach (var (_, answer) in session.Answers)
        {
            if (answer.Model.Length == 0 || other.IsDecided)
                continue;
            var isOther = !IsSame(answer.Model, session.Observed.Model);
            named = isOther ? answer.Model : named;
            other.Add(isOther);
        }

        session.Conclude(other.Finding($"{other.Count} of {other.Trials} answers say themselves that {named} gave them.", "The answers name the model that was asked. That proves nothing; another name would."), threshold);
    }

    public static void Signatures(AuditSession session, double threshold)
    {
        if (session.Protocol != Protocol.AnthropicMessages || !session.Observed.Model.Contains("claude", StringComparison.OrdinalIgnoreCase))
            return;
        var broken = new RareEvents(CheckShares.Signature, threshold);
        foreach (var signature in session.Answers.SelectMany(pair => pair.Answer.Signatures))
        {
            if (!broken.IsDecided)
                broken.Add(!ClaudeSignature.TryRead(signature, out _));
        }

        if (broken.Trials == 0)
            session.NotRun(CheckShares.Signature, "No answer held thoughts.");
        else
            session.Conclude(broken.Finding($"{broken.Count} of {broken.Trials} signatures of thoughts are not of the form that Claude's have.", "Signatures of thoughts have the form that Claude's have. A copied one would, too."), threshold);
    }

    // Vendors answer a short name with the dated one, a dated name without its prefix.
    private static bool IsSame(string answered, string asked)
    {
        var (a, b) = (Bare(answered), Bare(asked));
        return a.StartsWith(b, StringComparison.OrdinalIgnoreCase) || b.StartsWith(a, StringComparison.OrdinalIgnoreCase);
    }

    private static string Bare(string model) => model[(model.LastIndexOf('/') + 1)..];
}
