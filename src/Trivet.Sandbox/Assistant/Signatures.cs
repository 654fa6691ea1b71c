using System.Security.Cryptography;
using System.Text;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Assistant;

/// <summary>
/// The sandbox's signature on reasoning: base64 of <c>sbx1</c>, an 8-byte digest of the thought and of the answer that it stands in (no vendor signs
/// two answers alike) and a 16-byte HMAC over that digest and the text that is shown. Hidden reasoning shows no text and is signed as such. Opaque data (redacted, encrypted) is the same with the text inside.
/// </summary>
internal sealed class Signatures(long seed)
{
    /// <summary>What stands in a redacted block to which a script gives no data.</summary>
    private const string Withheld = "withheld";

    private static readonly byte[] Magic = "sbx1"u8.ToArray();
    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes($"trivet-sandbox-{seed}"));

    public string Sign(string thought, string shown, string requestId)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{requestId}\n{thought}")).AsSpan(0, 8).ToArray();
        return Convert.ToBase64String([.. Magic, .. digest, .. Mac(digest, shown)]);
    }

    /// <summary>Signs the reasoning that no script has signed. Done last: a token limit may have cut it.</summary>
    public void Apply(Answer answer, string requestId)
    {
        for (var i = 0; i < answer.Blocks.Count; i++)
        {
            var block = answer.Blocks[i];
            if (block is { Kind: BlockKind.Redacted, Text: "" })
            {
                answer.Blocks[i] = block with { Text = Seal(Withheld, requestId) };
            }
            else if (block.Kind == BlockKind.Reasoning)
            {
                answer.Blocks[i] = block with { Signature = block.Signature ?? Sign(block.Text, block.IsHidden ? "" : block.Text, requestId), Seal = block.Signature ?? Seal(block.Text, requestId) };
            }
        }
    }

    public bool Verify(string signature, string shown)
    {
        Span<byte> bytes = stackalloc byte[28];
        if (signature.Length > 64 || !Convert.TryFromBase64String(signature, bytes, out var length) || length != 28 || !bytes.StartsWith(Magic))
        {
            return false;
        }

        return bytes[12..28].SequenceEqual(Mac(bytes[4..12].ToArray(), shown));
    }

    /// <summary>Reasoning as an opaque blob: <see cref="Sign"/> over the text, then the text, in base64.</summary>
    public string Seal(string thought, string requestId) => Convert.ToBase64String([.. Convert.FromBase64String(Sign(thought, thought, requestId)), .. Encoding.UTF8.GetBytes(thought)]);

    public bool IsSealed(string blob)
    {
        var bytes = new byte[blob.Length];
        if (!Convert.TryFromBase64String(blob, bytes, out var length) || length < 28)
        {
            return false;
        }

        return Verify(Convert.ToBase64String(bytes.AsSpan(0, 28)), Encoding.UTF8.GetString(bytes.AsSpan(28, length - 28)));
    }

    /// <summary>The reasoning inside a blob that is sealed.</summary>
    public static string TextOf(string blob) => Encoding.UTF8.GetString(Convert.FromBase64String(blob).AsSpan(28));

    private byte[] Mac(byte[] digest, string shown) => HMACSHA256.HashData(_key, (byte[])[.. digest, .. Encoding.UTF8.GetBytes(shown)])[..16];
}
