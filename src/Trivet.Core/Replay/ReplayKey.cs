using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// What a record is found by: 128 bits of a SHA-256 over the key that asks and what will come back from its client. Another key's conversations cannot be
/// found, whatever ids a client sends.
/// </summary>
internal readonly record struct ReplayKey(ulong High, ulong Low)
{
    // Kimi numbers the calls of a conversation and all conversations begin with 0: such an id says nothing without its arguments.
    private const int TellingIdCharsMin = 16;

    // A short text such as "Done." is said in many conversations.
    private const int TellingTextBytesMin = 24;

    private const int StackBytesMax = 512;

    /// <summary>A call by its id, name and arguments.</summary>
    public static ReplayKey OfCall(string scope, string id, string name, ulong arguments) => Make(scope, "call"u8, id, name, arguments);

    /// <summary>A call by its id alone, for clients that touch the arguments. Null where the id may stand for several calls.</summary>
    public static ReplayKey? OfCallId(string scope, string id, string name) =>
        id.Length < TellingIdCharsMin || id.StartsWith("functions", StringComparison.Ordinal) ? null : Make(scope, "id"u8, id, name, 0);

    /// <summary>A turn by its place in the conversation and what it says. Null where it says too little to be told from others.</summary>
    public static ReplayKey? OfTurn(string scope, int ordinal, in ContentDigest content) =>
        ordinal < 0 || content.Length < TellingTextBytesMin ? null : Make(scope, "turn"u8, "", "", content.Value ^ ((ulong)ordinal << 48));

    /// <summary>The same after what the client had said until then: of conversations that begin alike each has its own, and a short turn is told from others. Null where all of it says too little.</summary>
    public static ReplayKey? OfTurnAfter(string scope, int ordinal, in ContentDigest content, in ContentDigest said) =>
        ordinal < 0 || content.Length == 0 || said.Length == 0 || content.Length + said.Length < TellingTextBytesMin ? null : Make(scope, "after"u8, "", "", content.Value ^ ((ulong)ordinal << 48) ^ BitOperations.RotateLeft(said.Value, 17));

    /// <summary>An opaque value.</summary>
    public static ReplayKey OfBlob(string scope, JsonText value)
    {
        var decoded = new ArrayBufferWriter<byte>(Math.Max(1, value.Token.Length));
        value.CopyDecodedTo(decoded);
        return OfBlob(scope, decoded.WrittenSpan);
    }

    /// <summary>An opaque value, decoded.</summary>
    public static ReplayKey OfBlob(string scope, ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, hash);
        return Make(scope, "blob"u8, "", "", BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <summary>The forms of a call's id that clients send back: as it was, and as Messages writes it.</summary>
    public static IEnumerable<string> IdForms(string id)
    {
        yield return id;
        if (!AnthropicMessagesIds.IsLegal(id))
            yield return AnthropicMessagesIds.MakeLegal(id);
    }

    /// <summary>32 hexadecimal digits, for the database.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    private static ReplayKey Make(string scope, ReadOnlySpan<byte> kind, string id, string name, ulong digest)
    {
        var bytesMax = Encoding.UTF8.GetMaxByteCount(scope.Length + id.Length + name.Length) + kind.Length + 3 + sizeof(ulong);
        var input = bytesMax <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[bytesMax];
        var length = Encoding.UTF8.GetBytes(scope, input);
        input[length++] = (byte)'\n';
        kind.CopyTo(input[length..]);
        length += kind.Length;
        input[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(id, input[length..]);
        input[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(name, input[length..]);
        BinaryPrimitives.WriteUInt64LittleEndian(input[length..], digest);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(length + sizeof(ulong))], hash);
        return new ReplayKey(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }
}
