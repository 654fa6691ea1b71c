using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Users;

/// <summary>Passwords as PBKDF2 with SHA-256, written as <c>pbkdf2-sha256$iterations$salt$hash</c>: the cost can rise, old ones go on working.</summary>
public static class PasswordHash
{
    /// <summary>OWASP's advice for PBKDF2-SHA256 (Password Storage Cheat Sheet, read 2026-11): about a fifth of a second here.</summary>
    public const int DefaultIterations = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int IterationsMax = 10_000_000;

    /// <summary>Hashes a password with a salt of its own.</summary>
    public static string Make(string password, int iterations = DefaultIterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, iterations))}");
    }

    /// <summary>Whether this password made that hash. What cannot be read is nobody's.</summary>
    public static bool Matches(string password, string stored)
    {
        var parts = stored.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > IterationsMax)
            return false;
        Span<byte> salt = stackalloc byte[SaltBytes];
        Span<byte> hash = stackalloc byte[HashBytes];
        return Convert.TryFromBase64String(parts[2], salt, out var saltBytes) && saltBytes == SaltBytes
            && Convert.TryFromBase64String(parts[3], hash, out var hashBytes) && hashBytes == HashBytes
            && CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations), hash);
    }

    private static byte[] Derive(string password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, HashBytes);
}
