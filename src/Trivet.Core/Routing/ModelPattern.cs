namespace Trivet.Core.Routing;

/// <summary>A model name in which each <c>*</c> matches any run of characters, also none. Case matters, as it does to vendors.</summary>
public sealed record ModelPattern
{
    private readonly string[] _literals;

    /// <summary>Makes the pattern; any text is one.</summary>
    public ModelPattern(string text)
    {
        Text = text;
        _literals = text.Split('*');
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>True where there is a <c>*</c>.</summary>
    public bool IsWildcard => _literals.Length > 1;

    /// <summary>How much of the name it fixes: the longer, the more specific.</summary>
    public int LiteralLength => Text.Length - (_literals.Length - 1);

    /// <summary>Whether a name matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> name) => TryMatch(name, out _);

    /// <summary>Whether a name matches, and what its first <c>*</c> stands for (the shortest that fits).</summary>
    public bool TryMatch(ReadOnlySpan<char> name, out Range carried)
    {
        // The first literal is anchored at the start, the last at the end, those between are taken at their first place in order.
        carried = default;
        if (!IsWildcard) return name.SequenceEqual(Text);

        ReadOnlySpan<char> prefix = _literals[0], suffix = _literals[^1];
        if (name.Length < prefix.Length + suffix.Length || !name.StartsWith(prefix) || !name.EndsWith(suffix)) return false;

        var at = prefix.Length;
        var end = name.Length - suffix.Length;
        var carriedEnd = end;
        for (var i = 1; i < _literals.Length - 1; i++)
        {
            var found = name[at..end].IndexOf(_literals[i]);
            if (found < 0) return false;
            if (i == 1) carriedEnd = at + found;
            at += found + _literals[i].Length;
        }

        carried = prefix.Length..carriedEnd;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ModelPattern? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
