namespace Trivet.Wire.Canonical;

/// <summary>
/// Ids of one answer's calls. A vendor that gives two calls the same would leave the client unable to say which result is whose, so the later one gets a number
/// behind it.
/// </summary>
internal sealed class UsedIds
{
    private HashSet<string>? _ids;

    /// <summary>The id, or one made of it that no call before it has.</summary>
    public string Take(string id)
    {
        _ids ??= new HashSet<string>(StringComparer.Ordinal);
        var unique = id;
        for (var n = 2; !_ids.Add(unique); n++)
            unique = $"{id}_{n}";
        return unique;
    }
}
