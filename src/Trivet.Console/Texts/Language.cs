namespace Trivet.WebConsole.Texts;

/// <summary>A language of the console.</summary>
/// <param name="Code">As in <c>Accept-Language</c> and the cookie.</param>
/// <param name="Tag">What the page says of itself.</param>
/// <param name="Name">In itself.</param>
internal sealed record Language(string Code, string Tag, string Name)
{
    public static readonly Language English = new("en", "en", "English");
    public static readonly Language Chinese = new("zh", "zh-Hans", "简体中文");

    public static readonly IReadOnlyList<Language> All = [English, Chinese];

    /// <summary>The one that was chosen; else the first of the browser's that we have; else English.</summary>
    /// <param name="chosen">The cookie.</param>
    /// <param name="accepted">The header <c>Accept-Language</c>.</param>
    public static Language Choose(string? chosen, string? accepted)
    {
        if (All.FirstOrDefault(language => language.Code == chosen) is { } cookie)
            return cookie;
        var best = (Language: English, Quality: 0.0);
        foreach (var part in (accepted ?? "").Split(',', 16, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = part.Split(';', StringSplitOptions.TrimEntries);
            var quality = fields.Length < 2 ? 1.0 : fields[1].StartsWith("q=", StringComparison.Ordinal) && double.TryParse(fields[1].AsSpan(2), out var given) ? given : 0;
            var language = All.FirstOrDefault(known => fields[0].Equals(known.Code, StringComparison.OrdinalIgnoreCase) || fields[0].StartsWith(known.Code + "-", StringComparison.OrdinalIgnoreCase));
            if (language is not null && quality > best.Quality)
                best = (language, quality);
        }

        return best.Language;
    }
}
