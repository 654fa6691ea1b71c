namespace Trivet.Core.Audits.Probes;

/// <summary>What an item asks for.</summary>
internal enum CapabilitySkill
{
    Arithmetic,
    Strings,
    Lists,
    Extraction,
    ToolCalls,
    Needle,
    Instructions,
    Code,
}

/// <summary>The language that an item is put in.</summary>
internal enum ItemLanguage
{
    English,
    Chinese,
}

/// <summary>A question whose answer a program can judge.</summary>
/// <param name="Id">Which item: skill and seed, so that anyone can make it again.</param>
/// <param name="Skill">What it asks for.</param>
/// <param name="Language">In which language.</param>
/// <param name="Question">The request.</param>
/// <param name="Expected">A right answer, for the evidence page.</param>
/// <param name="IsRight">The judge. An answer that failed or is empty is wrong.</param>
internal sealed record CapabilityItem(string Id, CapabilitySkill Skill, ItemLanguage Language, ProbeQuestion Question, string Expected, Func<ProbeAnswer, bool> IsRight);

/// <summary>
/// Makes verifiable items from a seed: eight skills in two languages, numbers, names and texts drawn anew each time, so that no bank of them can be memorised or recognised. The same seed makes the same item anywhere.
/// They measure plain competence. They cannot see taste, knowledge of the world, or long agentic work; a strong model solves nearly all of them, so they tell weak substitutes from it, not two strong models from each other.
/// </summary>
internal static class CapabilityItems
{
    private static readonly CapabilitySkill[] Skills = Enum.GetValues<CapabilitySkill>();

    /// <summary>Items one after another, skills and languages in turn.</summary>
    /// <param name="seed">Which items.</param>
    /// <param name="count">How many.</param>
    /// <param name="needleWords">Length of the text in which the needle is hidden.</param>
    public static IEnumerable<CapabilityItem> Make(int seed, int count, int needleWords = 600) =>
        Enumerable.Range(0, count).Select(i => Make(Skills[i % Skills.Length], i / Skills.Length % 2 == 0 ? ItemLanguage.English : ItemLanguage.Chinese, seed + i, needleWords));

    /// <summary>One item.</summary>
    public static CapabilityItem Make(CapabilitySkill skill, ItemLanguage language, int seed, int needleWords = 600)
    {
        var draw = new Draw(seed * 31 + (int)skill, language);
        var (question, expected, isRight) = skill switch
        {
            CapabilitySkill.Arithmetic => ArithmeticItems.Make(draw),
            CapabilitySkill.Strings => StringItems.Make(draw),
            CapabilitySkill.Lists => ListItems.Make(draw),
            CapabilitySkill.Extraction => ExtractionItems.Make(draw),
            CapabilitySkill.ToolCalls => ToolCallItems.Make(draw),
            CapabilitySkill.Needle => NeedleItems.Make(draw, needleWords),
            CapabilitySkill.Instructions => InstructionItems.Make(draw),
            _ => CodeItems.Make(draw),
        };
        return new CapabilityItem($"{skill.ToString().ToLowerInvariant()}-{(language == ItemLanguage.English ? "en" : "zh")}-{seed}", skill, language, question, expected, answer => answer.Failure is null && isRight(answer));
    }
}
