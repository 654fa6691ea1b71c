using Trivet.Core.Audits.Probes;

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

    private static readonly string[] ClaudeFamilies = ["opus", "sonnet", "haiku"];

    public static void Signatures(AuditSession session, double threshold)
    {
        if (!AuditSteps.IsClaude(session.Observed))
            return;
        var broken = new RareEvents(CheckShares.Signature, threshold);
        var named = "";
        foreach (var thought in session.Answers.SelectMany(pair => pair.Answer.Thoughts))
        {
            if (broken.IsDecided)
                break;
            var hasForm = ClaudeSignature.TryRead(thought.Signature, out _);
            var other = hasForm && ClaudeSignature.ModelOf(thought.Signature) is { } model && IsOfAnotherFamily(model, session.Observed.Model) ? model : "";
            named = other.Length > 0 ? other : named;
            broken.Add(!hasForm || other.Length > 0);
        }

        if (broken.Trials == 0)
            session.NotRun(CheckShares.Signature, "No answer held thoughts.");
        else
            session.Conclude(broken.Finding($"{broken.Count} of {broken.Trials} signatures of thoughts {(named.Length > 0 ? $"were made by {named}, as they say themselves" : "are not of the form that Claude's have")}.", "Signatures of thoughts have the form that Claude's have. A copied one would, too."), threshold);
    }

    // Genuine signatures name models as the house calls them (claude-quoll-v7-hr-fast stood in Opus's, reported in 2026), and sellers have spellings of their own. Only a family that both state can be another.
    internal static bool IsOfAnotherFamily(string signed, string sold) => FamilyOf(signed) is { } one && FamilyOf(sold) is { } other && one != other;

    private static string? FamilyOf(string model) => Array.Find(ClaudeFamilies, family => model.Contains(family, StringComparison.OrdinalIgnoreCase));

    // Vendors answer a short name with the dated one, a dated name without its prefix.
    private static bool IsSame(string answered, string asked)
    {
        var (a, b) = (Bare(answered), Bare(asked));
        return a.StartsWith(b, StringComparison.OrdinalIgnoreCase) || b.StartsWith(a, StringComparison.OrdinalIgnoreCase);
    }

    private static string Bare(string model) => model[(model.LastIndexOf('/') + 1)..];
}
