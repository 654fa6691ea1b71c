using System.Text;

namespace Trivet.Wire.Canonical;

/// <summary>
/// Names of the fields of a streamed answer that the canonical form has no word for: whoever translates the stream loses them, and says so. Each name once;
/// a name that is known costs a comparison.
/// </summary>
internal sealed class UnsaidFields
{
    /// <summary>More than any answer has; a vendor that invents a name for each event is not followed further.</summary>
    private const int NamesMax = 32;

    private readonly List<(string Prefix, byte[] Name)> _seen = [];
    private readonly List<string> _names = [];

    /// <summary>The names with their prefixes, in order of first appearance.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Notes a field.</summary>
    /// <param name="prefix">Where it stands, as whole answers name it (<c>choice.</c>, <c>message.</c>); empty at the top.</param>
    /// <param name="name">Its name, without quotes.</param>
    public void Add(string prefix, ReadOnlySpan<byte> name)
    {
        foreach (var (known, bytes) in _seen)
        {
            if (name.SequenceEqual(bytes) && known == prefix)
                return;
        }

        if (_seen.Count == NamesMax)
            return;
        _seen.Add((prefix, name.ToArray()));
        _names.Add(prefix + Encoding.UTF8.GetString(name));
    }
}
