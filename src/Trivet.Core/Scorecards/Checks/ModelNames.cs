using System.Text.RegularExpressions;
using Trivet.Core.Catalogue;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Scorecards.Checks;

/// <summary>Whether the model that an answer names is another than was asked. Only negative evidence: who swaps a model can write the right name.</summary>
internal static partial class ModelNames
{
    /// <summary>
    /// It is another for certain: the catalogue knows both names as two models, or the answer's is that of another model of this upstream. Dated snapshots, a
    /// maker's prefix and names that nobody knows are no evidence, nor is anything where a name was asked that leaves the choice to the vendor.
    /// </summary>
    public static bool IsOther(Offering offering, string answered, ModelCatalogue catalogue)
    {
        var asked = offering.Model;
        if (answered.Length == 0 || string.Equals(asked, answered, StringComparison.OrdinalIgnoreCase) || Floating().IsMatch(asked))
            return false;
        var (bareAsked, bareAnswered) = (Bare(asked), Bare(answered));
        if (bareAsked == bareAnswered)
            return false;
        if (catalogue.FindByMaker(bareAsked) is { } one && catalogue.FindByMaker(bareAnswered) is { } other)
            return Bare(one.Id) != Bare(other.Id);
        if (catalogue.Find(offering.Upstream.Vendor, asked) is { } own && catalogue.Find(offering.Upstream.Vendor, answered) is { } another)
            return Bare(own.Id) != Bare(another.Id);
        return offering.Upstream.Models.Any(model => Bare(model) == bareAnswered);
    }

    /// <summary>A name without what a maker, a region or a date adds to it, in lower case.</summary>
    internal static string Bare(string name)
    {
        var bare = name[(name.LastIndexOf('/') + 1)..].ToLowerInvariant();
        while (Ending().Match(bare) is { Success: true, Index: > 0 } ending)
            bare = bare[..ending.Index];
        return bare;
    }

    [GeneratedRegex(@"[-@:](\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{3,8}|latest|preview|exp|experimental|v\d+(:\d+)?)$")]
    private static partial Regex Ending();

    [GeneratedRegex("latest|auto|default|router", RegexOptions.IgnoreCase)]
    private static partial Regex Floating();
}
