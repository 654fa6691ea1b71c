using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Upstreams;

/// <summary>
/// Seals secrets that are stored in the database: AES-256-GCM with a key in a file of the data directory that only its owner may read.
/// A sealed secret is bound to a context (the upstream's name), so it cannot be moved to another row. A stolen database without
/// the file reveals nothing; a lost file loses the secrets, so it belongs into the backup.
/// </summary>
public sealed class SecretBox : IDisposable
{
    /// <summary>Name of the key file in the data directory.</summary>
    public const string FileName = "secret.key";

    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KeyBytes = 32;

    private readonly AesGcm _cipher;

    private SecretBox(byte[] key) => _cipher = new AesGcm(key, TagBytes);

    /// <summary>Opens the box of a data directory; the first time, makes its key.</summary>
    /// <exception cref="InvalidDataException">The key file is damaged.</exception>
    /// <exception cref="IOException">The key file cannot be read or made.</exception>
    public static SecretBox Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path)) Create(path);

        var key = File.ReadAllBytes(path);
        if (key.Length != KeyBytes) throw new InvalidDataException($"{path} is damaged: it holds {key.Length} bytes instead of {KeyBytes}. Restore it from the backup, or remove it and enter the upstreams' keys again.");
        var box = new SecretBox(key);
        CryptographicOperations.ZeroMemory(key);
        return box;
    }

    /// <summary>Seals a secret: version, nonce, tag, ciphertext.</summary>
    public byte[] Seal(Secret secret, string context)
    {
        var plain = Encoding.UTF8.GetBytes(secret.Reveal());
        var sealedBytes = new byte[1 + NonceBytes + TagBytes + plain.Length];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(1 + NonceBytes + TagBytes), sealedBytes.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(context));
        CryptographicOperations.ZeroMemory(plain);
        return sealedBytes;
    }

    /// <summary>Opens what was sealed for the same context; false where it was changed, moved, or sealed with another key.</summary>
    public bool TryUnseal(ReadOnlySpan<byte> sealedBytes, string context, out Secret secret)
    {
        secret = new Secret("");
        if (sealedBytes.Length < 1 + NonceBytes + TagBytes || sealedBytes[0] != Version) return false;
        var plain = new byte[sealedBytes.Length - 1 - NonceBytes - TagBytes];
        try
        {
            _cipher.Decrypt(sealedBytes.Slice(1, NonceBytes), sealedBytes[(1 + NonceBytes + TagBytes)..], sealedBytes.Slice(1 + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(context));
            secret = new Secret(Encoding.UTF8.GetString(plain));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        // Written beside and moved: a second process that starts at the same moment must never read half a key.
        var draft = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        using (var file = new FileStream(draft, options))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        CryptographicOperations.ZeroMemory(key);
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft); // the other one was first: its key counts
        }
    }
}
