using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>Finds opaque values in what an upstream of the client's own protocol answers, so that it is known later whose they are.</summary>
internal static class OpaqueBlobs
{
    /// <summary>Whether there can be any. Looks at the bytes only, for the names that a protocol has for such fields: every event of a stream is asked this.</summary>
    public static bool MayHoldAny(Protocol protocol, ReadOnlySpan<byte> json) => protocol switch
    {
        Protocol.AnthropicMessages => json.IndexOf("\"signature\""u8) >= 0 || json.IndexOf("\"redacted_thinking\""u8) >= 0,
        Protocol.OpenAIResponses => json.IndexOf("\"encrypted_content\""u8) >= 0,
        _ => json.IndexOf("ignature\""u8) >= 0, // thoughtSignature, thought_signature; signature in Chat's reasoning_details
    };

    /// <summary>Calls <paramref name="found"/> for each, decoded. JSON that is cut off ends the search.</summary>
    public static void ForEach(ReadOnlySpan<byte> json, ReplayBlobAction found)
    {
        var isRedacted = json.IndexOf("redacted_thinking\""u8) >= 0;
        var decoded = new ArrayBufferWriter<byte>(256);
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var isOpaque = IsOpaque(reader.ValueSpan, isRedacted);
                if (!reader.Read() || !isOpaque || reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
                    continue;
                decoded.ResetWrittenCount();
                JsonTokens.Unquote(json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2), decoded);
                found(decoded.WrittenSpan);
            }
        }
        catch (JsonException)
        {
            // An event that is no JSON holds no value that a client could send back.
        }
    }

    private static bool IsOpaque(ReadOnlySpan<byte> name, bool isRedacted) =>
        name.SequenceEqual("signature"u8) || name.SequenceEqual("thoughtSignature"u8) || name.SequenceEqual("thought_signature"u8)
        || name.SequenceEqual("encrypted_content"u8) || isRedacted && name.SequenceEqual("data"u8);
}

/// <summary>Takes one opaque value, decoded; valid during the call only.</summary>
internal delegate void ReplayBlobAction(ReadOnlySpan<byte> value);
