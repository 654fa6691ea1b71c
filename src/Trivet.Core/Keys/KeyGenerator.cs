using System.Numerics;
using System.Security.Cryptography;

namespace Trivet.Core.Keys;

/// <summary>Makes keys and their ids from the operating system's random numbers.</summary>
public static class KeyGenerator
{
    /// <summary>Marks a key of ours, so that secret scanners and people recognise one.</summary>
    public const string SecretPrefix = "trv_";

    public const string IdPrefix = "key_";

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretBytes = 32;

    /// <summary>62^43 is the first power above 2^256, so every 32-byte value fits in 43 digits.</summary>
    private const int SecretDigits = 43;
    private const int IdDigits = 16;

    /// <summary><c>trv_</c> and 32 random bytes in base 62, always 47 characters.</summary>
    public static string NewSecret()
    {
        Span<byte> bytes = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(bytes);
        var value = new BigInteger(bytes, isUnsigned: true);
        return string.Create(SecretPrefix.Length + SecretDigits, value, static (text, rest) =>
        {
            SecretPrefix.CopyTo(text);
            for (var i = text.Length - 1; i >= SecretPrefix.Length; i--)
            {
                (rest, var digit) = BigInteger.DivRem(rest, Base62.Length);
                text[i] = Base62[(int)digit];
            }
        });
    }

    /// <summary><c>key_</c> and 16 random base-62 digits (95 bits): unique without asking anyone.</summary>
    public static string NewId() => IdPrefix + RandomNumberGenerator.GetString(Base62, IdDigits);
}
