using System.Security.Cryptography;
using System.Text;
using Trivet.Core.Keys;

namespace Trivet.Tests.Keys;

internal static class KeyTestData
{
    public const long NowMs = 1_785_585_600_000;

    public static KeyRecord Record(string secret, string name = "a key") => new()
    {
        Id = KeyGenerator.NewId(),
        Name = name,
        HashHex = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
        CreatedAtMs = NowMs,
    };

    public static KeySnapshot Snapshot(params KeyRecord[] keys) => new(new KeySet(1, keys));
}
