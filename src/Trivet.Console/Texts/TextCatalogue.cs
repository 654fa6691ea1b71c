using System.Collections.Frozen;
using System.Text.Json;

namespace Trivet.WebConsole.Texts;

/// <summary>
/// Every string that the console shows, in all its languages: the embedded files <c>Texts/AREA.json</c>, each <c>{ "key": { "en": …, "zh": … } }</c>. A string's full
/// name is <c>AREA.key</c>. Both languages stand side by side, so that whoever changes one sees the other.
/// </summary>
internal static class TextCatalogue
{
    private const string Prefix = "text/";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage = Load();

    /// <summary>The names of all strings that have one in this language.</summary>
    public static IEnumerable<string> Names(Language language) => ByLanguage[language.Code].Keys;

    /// <summary>The string; null where there is none.</summary>
    public static string? Find(Language language, string name) => ByLanguage[language.Code].GetValueOrDefault(name);

    private static FrozenDictionary<string, FrozenDictionary<string, string>> Load()
    {
        var all = Language.All.ToDictionary(language => language.Code, _ => new Dictionary<string, string>(StringComparer.Ordinal));
        var assembly = typeof(TextCatalogue).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var document = JsonDocument.Parse(stream);
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                foreach (var language in entry.Value.EnumerateObject())
                    all[language.Name].Add($"{resource[Prefix.Length..]}.{entry.Name}", language.Value.GetString()!);
            }
        }

        return all.ToFrozenDictionary(language => language.Key, language => language.Value.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
