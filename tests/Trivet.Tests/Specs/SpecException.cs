namespace Trivet.Tests.Specs;

/// <summary>
/// Something that a specification forbids and its vendor does or takes all the same: the specification is wrong or lags. Dated, so that it can be looked
/// at again; as narrow as it can be.
/// </summary>
/// <param name="Schema">The schema that is validated.</param>
/// <param name="Fault">How the fault's text begins.</param>
/// <param name="Why">What the vendor really does, and how that is known.</param>
internal sealed record SpecException(string Schema, string Fault, string Why)
{
    public static IReadOnlyList<SpecException> OpenAI { get; } = [];

    public static IReadOnlyList<SpecException> Anthropic { get; } = [];

    public bool Covers(string schema, string fault) => schema == Schema && fault.StartsWith(Fault, StringComparison.Ordinal);
}
