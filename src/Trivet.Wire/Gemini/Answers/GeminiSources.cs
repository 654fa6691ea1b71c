using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>
/// The web pages that an answer of another protocol cites, as Gemini's grounding chunks. Chat, Responses and Messages all name them by <c>url</c> and
/// <c>title</c>, on the citation or on an object in it. Where in the text they are cited is not kept: Gemini counts bytes, others characters, or not at all.
/// </summary>
internal sealed class GeminiSources
{
    private readonly List<(JsonText Url, JsonText Title)> _pages = [];

    /// <summary>Takes a raw citation; nothing happens where it names no page, or one that is known.</summary>
    public void Add(ReadOnlySpan<byte> citation)
    {
        var (url, title) = (default(JsonText), default(JsonText));
        try
        {
            var reader = new Utf8JsonReader(citation, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax });
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > 2)
                    continue;
                var (isUrl, isTitle) = (reader.ValueSpan.SequenceEqual("url"u8), reader.ValueSpan.SequenceEqual("title"u8));
                reader.Read();
                if ((isUrl || isTitle) && reader.TokenType == JsonTokenType.String)
                {
                    var text = JsonText.FromToken(GeminiChunk.Token(ref reader).Of(citation).ToArray());
                    (url, title) = isUrl ? (text, title) : (url, text);
                }
            }
        }
        catch (JsonException)
        {
            return; // no citation of anybody's
        }

        if (!url.IsEmpty && !_pages.Exists(page => page.Url == url))
            _pages.Add((url, title));
    }

    /// <summary>The pages; null where there are none.</summary>
    public byte[]? ToGroundingMetadata()
    {
        if (_pages.Count == 0)
            return null;
        var output = new ArrayBufferWriter<byte>();
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteStartArray("groundingChunks"u8);
        foreach (var (url, title) in _pages)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("web"u8);
            url.WriteTo(writer, "uri"u8);
            if (!title.IsNull)
                title.WriteTo(writer, "title"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        return output.WrittenSpan.ToArray();
    }
}
