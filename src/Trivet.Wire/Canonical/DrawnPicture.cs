using System.Buffers;
using System.Text;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.Canonical;

/// <summary>
/// A picture that a model drew, which stands in an answer as a block of its own protocol: a part with <c>inlineData</c> (Gemini), an item
/// <c>image_generation_call</c> (Responses), an element of the message's <c>images</c> (Chat as OpenRouter and LiteLLM have it, 2026-11; OpenAI has no place). Messages has none.
/// </summary>
/// <param name="MediaType">MIME type; empty where it is not said (an address).</param>
/// <param name="Data">Base64; null for an address.</param>
/// <param name="Url">Where to fetch it; null where the data are there.</param>
public readonly record struct DrawnPicture(string MediaType, JsonText Data, JsonText Url)
{
    /// <summary>The type of a Chat block that holds one.</summary>
    internal const string ChatType = "image_url";

    private const string ResponsesType = "image_generation_call";

    // Of MIME types, as far as they are to stand in an address without being escaped.
    private static readonly SearchValues<char> TypeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.+-");

    /// <summary>The picture of a block; null where it holds none that is done. Gemini's sketches among its thoughts are none.</summary>
    public static DrawnPicture? Of(Protocol origin, string? type, RawJson raw)
    {
        var fields = new JsonFields();
        switch (origin)
        {
            case Protocol.Gemini when type is "inlineData" or "inline_data":
                var part = fields.Push(raw);
                if (fields.Find(part, "thought"u8).Boolean == true)
                    return null;
                var blob = fields.Push((fields.Find(part, "inlineData"u8) is { Value.IsAbsent: false } camel ? camel : fields.Find(part, "inline_data"u8)).Value);
                var mime = fields.Find(blob, "mimeType"u8).Text is { IsNull: false } said ? said : fields.Find(blob, "mime_type"u8).Text;
                return Make(mime.ToString(), fields.Find(blob, "data"u8).Text, default);
            case Protocol.OpenAIResponses when type == ResponsesType:
                fields.Push(raw);
                var format = fields.Find(0, "output_format"u8).Text;
                return Make("image/" + (format.IsEmpty ? "png" : format.ToString()), fields.Find(0, "result"u8).Text, default);
            case Protocol.OpenAIChat when type == ChatType && ContentPartReader.Read(raw, out _, out _) is MediaBlock { Kind: MediaKind.Image } image:
                return Make(image.MediaType, image.Data, image.Url);
            default:
                return null;
        }

        static DrawnPicture? Make(string mediaType, JsonText data, JsonText url) =>
            (data.IsEmpty ? url.IsEmpty : !mediaType.StartsWith("image/", StringComparison.Ordinal)) || mediaType.AsSpan().ContainsAnyExcept(TypeChars) ? null : new DrawnPicture(mediaType, data, data.IsEmpty ? url : default);
    }

    /// <summary>As a block that a request may hold.</summary>
    internal MediaBlock ToBlock() => new(MediaKind.Image) { MediaType = MediaType, Data = Data, Url = Url };

    /// <summary>As an element of Chat's <c>images</c>.</summary>
    internal void WriteForChat(IBufferWriter<byte> output, int index)
    {
        output.Write("{\"type\":\"image_url\",\"image_url\":{\"url\":"u8);
        if (Data.IsEmpty)
        {
            output.Write(Url.ToToken().Span);
        }
        else
        {
            output.Write("\"data:"u8);
            output.Write(Encoding.UTF8.GetBytes(MediaType));
            output.Write(";base64,"u8);
            output.Write(Data.ToToken().Span[1..]);
        }

        output.Write(Encoding.UTF8.GetBytes($"}},\"index\":{index}}}"));
    }

    /// <summary>As a part of a Gemini answer.</summary>
    internal byte[] ToGeminiPart()
    {
        var output = new ArrayBufferWriter<byte>(Data.Token.Length + 64);
        output.Write(Data.IsEmpty ? "{\"fileData\":{\"fileUri\":"u8 : "{\"inlineData\":{\"data\":"u8);
        output.Write((Data.IsEmpty ? Url : Data).ToToken().Span);
        if (MediaType.Length > 0)
        {
            output.Write(",\"mimeType\":"u8);
            JsonTokens.Quote(Encoding.UTF8.GetBytes(MediaType), output);
        }

        output.Write("}}"u8);
        return output.WrittenSpan.ToArray();
    }
}
