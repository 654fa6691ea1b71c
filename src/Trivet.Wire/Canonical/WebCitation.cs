using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// A page on the web that a text cites: what all protocols' citations of that kind have in common. Anthropic's own cannot be made from it, since they hold
/// a vendor's sealed index.
/// </summary>
/// <param name="Url">The page.</param>
/// <param name="Title">Its title; empty for none.</param>
/// <param name="Start">Where the citing text begins; 0 where not said. OpenAI counts characters, Gemini bytes.</param>
/// <param name="End">Where it ends; 0 where not said.</param>
public readonly record struct WebCitation(string Url, string Title, int Start, int End)
{
    /// <summary>The pages that a citation in any protocol's shape names; none where it cites something else. Gemini's metadata names several at once.</summary>
    public static IReadOnlyList<WebCitation> Read(ReadOnlySpan<byte> citation)
    {
        try
        {
            var reader = new Utf8JsonReader(citation);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return [];
            if (root.TryGetProperty("groundingMetadata", out var grounding))
                return Grounded(grounding);
            if (root.TryGetProperty("citationMetadata", out var sources))
                return Sources(sources);
            var named = root.TryGetProperty("url_citation", out var inner) ? inner : root;
            var url = Text(named, "url") is { Length: > 0 } said ? said : Text(named, "source"); // search_result_location's source is often a page
            return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? [new WebCitation(url, Text(named, "title"), Number(named, "start_index"), Number(named, "end_index"))] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Writes it as an annotation of OpenAI Chat.</summary>
    public void WriteChat(IBufferWriter<byte> output) => Write(output, isNested: true);

    /// <summary>Writes it as an annotation of OpenAI Responses.</summary>
    public void WriteResponses(IBufferWriter<byte> output) => Write(output, isNested: false);

    private void Write(IBufferWriter<byte> output, bool isNested)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        if (isNested)
            writer.WriteStartObject("url_citation"u8);
        writer.WriteNumber("start_index"u8, Start);
        writer.WriteNumber("end_index"u8, End);
        writer.WriteString("url"u8, Url);
        writer.WriteString("title"u8, Title);
        if (isNested)
            writer.WriteEndObject();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    private static List<WebCitation> Grounded(JsonElement grounding)
    {
        var pages = Items(grounding, "groundingChunks").Select(static chunk => chunk.ValueKind == JsonValueKind.Object && chunk.TryGetProperty("web", out var web) ? new WebCitation(Text(web, "uri"), Text(web, "title"), 0, 0) : default).ToList();
        var isCited = new bool[pages.Count];
        var citations = new List<WebCitation>();
        foreach (var support in Items(grounding, "groundingSupports"))
        {
            if (support.ValueKind != JsonValueKind.Object || !support.TryGetProperty("segment", out var segment))
                continue;
            foreach (var index in Items(support, "groundingChunkIndices"))
            {
                if (index.ValueKind != JsonValueKind.Number || !index.TryGetInt32(out var i) || i < 0 || i >= pages.Count)
                    continue;
                isCited[i] = true;
                citations.Add(pages[i] with { Start = Number(segment, "startIndex"), End = Number(segment, "endIndex") });
            }
        }

        citations.AddRange(pages.Where((_, i) => !isCited[i])); // read for the answer, and cited nowhere in it
        citations.RemoveAll(static page => string.IsNullOrEmpty(page.Url));
        return citations;
    }

    private static List<WebCitation> Sources(JsonElement metadata)
    {
        var name = metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("citationSources", out _) ? "citationSources" : "citations"; // Vertex says citations
        var sources = Items(metadata, name).Select(static source => new WebCitation(Text(source, "uri"), Text(source, "title"), Number(source, "startIndex"), Number(source, "endIndex"))).ToList();
        sources.RemoveAll(static page => string.IsNullOrEmpty(page.Url));
        return sources;
    }

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : [];

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
