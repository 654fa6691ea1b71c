namespace Trivet.Tests.Architecture;

/// <summary>One type of an assembly mentions another type: in a signature, a field, a base, an attribute or a method body.</summary>
/// <param name="From">The outermost type that mentions, so that a lambda or an async method counts as the type it was written in.</param>
/// <param name="To">The outermost type that is mentioned.</param>
/// <param name="Member">The member that is called or read, where the use is of a member.</param>
internal sealed record TypeUse(TypeName From, TypeName To, string? Member)
{
    public override string ToString() => Member is null ? $"{From} mentions {To}" : $"{From} uses {To}.{Member}";
}

/// <summary>A type by the assembly that defines it, its namespace and its name.</summary>
internal sealed record TypeName(string Assembly, string Namespace, string Name)
{
    public bool IsIn(string ns) => Namespace == ns || Namespace.StartsWith(ns + ".", StringComparison.Ordinal);

    public override string ToString() => $"{Namespace}.{Name}";
}
