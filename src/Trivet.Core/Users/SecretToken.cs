using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Users;

/// <summary>Random words that open something: links and cookies. Stored as hashes only.</summary>
public static class SecretToken
{
    private const int Bytes = 32;

    /// <summary>256 random bits, safe in an address and in a cookie.</summary>
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is stored of it. The token has all its bits, so that one round suffices.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
