using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols;

/// <summary>A source that a text cites, over the text's whole length, as each protocol writes it.</summary>
internal static class Citations
{
    /// <summary>Chat: an item of <c>annotations</c>.</summary>
    public static void WriteNested(Utf8JsonWriter json, Citation citation, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "url_citation"u8);
        json.WriteStartObject("url_citation"u8);
        WriteFields(json, citation, text);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Responses: an item of an output text's <c>annotations</c>.</summary>
    public static void WriteFlat(Utf8JsonWriter json, Citation citation, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "url_citation"u8);
        WriteFields(json, citation, text);
        json.WriteEndObject();
    }

    /// <summary>Messages: an item of a text block's <c>citations</c>.</summary>
    public static void WriteResult(Utf8JsonWriter json, Citation citation, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "web_search_result_location"u8);
        json.WriteString("cited_text"u8, text);
        json.WriteString("url"u8, citation.Url);
        json.WriteString("title"u8, citation.Title);
        json.WriteString("encrypted_index"u8, "c2FuZGJveA=="u8);
        json.WriteEndObject();
    }

    /// <summary>Gemini: the candidate's <c>groundingMetadata</c>; nothing where nothing is cited.</summary>
    public static void WriteGrounding(Utf8JsonWriter json, IReadOnlyList<Block> blocks)
    {
        var cited = blocks.SelectMany(b => b.Citations.Select(c => (Block: b, Citation: c))).ToList();
        if (cited.Count == 0)
        {
            return;
        }

        json.WriteStartObject("groundingMetadata"u8);
        json.WriteStartArray("groundingChunks"u8);
        foreach (var (_, citation) in cited)
        {
            json.WriteStartObject();
            json.WriteStartObject("web"u8);
            json.WriteString("uri"u8, citation.Url);
            json.WriteString("title"u8, citation.Title);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("groundingSupports"u8);
        for (var i = 0; i < cited.Count; i++)
        {
            json.WriteStartObject();
            json.WriteStartObject("segment"u8);
            json.WriteNumber("startIndex"u8, 0);
            json.WriteNumber("endIndex"u8, cited[i].Block.Text.Length);
            json.WriteString("text"u8, cited[i].Block.Text);
            json.WriteEndObject();
            json.WriteStartArray("groundingChunkIndices"u8);
            json.WriteNumberValue(i);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, Citation citation, string text)
    {
        json.WriteNumber("start_index"u8, 0);
        json.WriteNumber("end_index"u8, text.Length);
        json.WriteString("url"u8, citation.Url);
        json.WriteString("title"u8, citation.Title);
    }
}
