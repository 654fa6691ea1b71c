namespace Trivet.Core.Yaml;

/// <summary>The known word that a wrong one was probably meant to be.</summary>
internal static class Nearest
{
    /// <summary>The nearest of <paramref name="known"/>, or null where none is near.</summary>
    public static string? Of(string word, IEnumerable<string> known)
    {
        var best = known.Select(candidate => (Word: candidate, Distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .OrderBy(entry => entry.Distance).FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(2, best.Word.Length / 3) && best.Distance < best.Word.Length ? best.Word : null;
    }

    /// <summary>"; did you mean 'x'?", or the known words where none is near.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> known) => Of(word, known) switch
    {
        { } nearest => $"; did you mean '{nearest}'?",
        null when known.Count == 0 => "",
        null => $"; known: {string.Join(", ", known)}",
    };

    // Levenshtein with a swap of neighbours as one step: most slips are one letter or one swap.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
