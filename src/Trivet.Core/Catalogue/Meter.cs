namespace Trivet.Core.Catalogue;

/// <summary>What a vendor counts and charges for. The tokens of one request fall under exactly one of the token meters each.</summary>
public enum Meter
{
    /// <summary>Prompt tokens that no cache served.</summary>
    Input,

    /// <summary>Prompt tokens read from a cache.</summary>
    CacheRead,

    /// <summary>Prompt tokens written to a cache that lives five minutes, or for a time that the vendor does not say.</summary>
    CacheWrite5m,

    /// <summary>Prompt tokens written to a cache that lives an hour.</summary>
    CacheWrite1h,

    /// <summary>Answer tokens.</summary>
    Output,

    /// <summary>Thoughts.</summary>
    Reasoning,

    /// <summary>Tokens of images made.</summary>
    Image,

    /// <summary>Tokens of sound in the prompt.</summary>
    AudioIn,

    /// <summary>Tokens of sound in the answer.</summary>
    AudioOut,

    /// <summary>Requests.</summary>
    PerRequest,

    /// <summary>Searches that the vendor did.</summary>
    SearchCall,
}

/// <summary>The names of meters in files and output, and sets of them.</summary>
public static class Meters
{
    /// <summary>All, in the order in which they are shown.</summary>
    public static IReadOnlyList<Meter> All { get; } = Enum.GetValues<Meter>();

    private static readonly string[] Names =
    [
        "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "image", "audio_in", "audio_out", "per_request", "search_call",
    ];

    /// <summary>As in files: <c>cache_write_5m</c>.</summary>
    public static string NameOf(Meter meter) => Names[(int)meter];

    /// <summary>True for what is counted in calls and priced per call; the others are counted in tokens.</summary>
    public static bool IsPerCall(Meter meter) => meter is Meter.PerRequest or Meter.SearchCall;

    /// <summary>A set as text, <c>cache_read,audio_in</c>; empty for none.</summary>
    public static string Text(int set)
    {
        if (set == 0)
            return "";
        var names = new List<string>();
        foreach (var meter in All)
        {
            if (Has(set, meter))
                names.Add(NameOf(meter));
        }

        return string.Join(',', names);
    }

    internal static bool Has(int set, Meter meter) => (set & (1 << (int)meter)) != 0;
}
