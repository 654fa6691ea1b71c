namespace Trivet.Wire.Canonical;

/// <summary>One model of the list that clients ask for.</summary>
/// <param name="Id">The name that clients ask for it by.</param>
/// <param name="DisplayName">For people; Claude Code shows it.</param>
/// <param name="Owner">The vendor (OpenAI's <c>owned_by</c>).</param>
/// <param name="CreatedAt">When it was released, Unix seconds; 0 where unknown.</param>
public sealed record ModelListing(string Id, string DisplayName, string Owner, long CreatedAt);
