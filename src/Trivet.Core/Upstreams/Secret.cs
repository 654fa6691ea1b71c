using System.Diagnostics;

namespace Trivet.Core.Upstreams;

/// <summary>
/// A string that must not be seen: an upstream's key, a proxy's password, a database URL. It prints as <c>***</c> everywhere
/// (logs, records, debugger, serializers); <see cref="Reveal"/> is the only way to the text, so that uses can be found by name.
/// </summary>
[DebuggerDisplay("***")]
public sealed class Secret(string text) : IEquatable<Secret>
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _text = text;

    /// <summary>The text itself. Only for the place that sends it.</summary>
    public string Reveal() => _text;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";
}

/// <summary>One key of an upstream.</summary>
/// <param name="Id">Stable and safe to show: the upstream's name and the position in its list, <c>deepseek#1</c>.</param>
/// <param name="Key">What is sent to the upstream.</param>
public sealed record Credential(string Id, Secret Key);
