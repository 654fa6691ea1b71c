using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Trivet.Core.Users;

namespace Trivet.WebConsole.Hosting;

/// <summary>
/// What protects form tokens: a key in the database, so that every node accepts what another gave out, and a restart ends no form. The framework's own key ring wants
/// a folder, which nodes would have to share.
/// </summary>
internal sealed class SharedProtection(ISettingsStore settings) : IDataProtectionProvider
{
    private const string SettingName = "console.protection_key";
    private const int KeyBytes = 32;

    private volatile byte[]? _root;

    /// <summary>Fetches the key the first time. False where the database cannot be asked.</summary>
    public async ValueTask<bool> LoadAsync(CancellationToken cancellationToken)
    {
        if (_root is not null)
            return true;
        var kept = await settings.GetOrAddAsync(SettingName, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)), cancellationToken);
        if (!kept.IsSuccess)
            return false;
        _root = Convert.FromBase64String(kept.Value);
        return true;
    }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, purpose);

    private byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _root ?? throw new InvalidOperationException("The key has not been loaded."), KeyBytes, info: Encoding.UTF8.GetBytes(purpose));

    private sealed class Protector(SharedProtection owner, string purpose) : IDataProtector
    {
        private const int NonceBytes = 12;
        private const int TagBytes = 16;

        public IDataProtector CreateProtector(string next) => new Protector(owner, $"{purpose}/{next}");

        public byte[] Protect(byte[] plaintext)
        {
            var output = new byte[NonceBytes + TagBytes + plaintext.Length];
            RandomNumberGenerator.Fill(output.AsSpan(0, NonceBytes));
            using var cipher = new AesGcm(owner.Derive(purpose), TagBytes);
            cipher.Encrypt(output.AsSpan(0, NonceBytes), plaintext, output.AsSpan(NonceBytes + TagBytes), output.AsSpan(NonceBytes, TagBytes));
            return output;
        }

        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < NonceBytes + TagBytes)
                throw new CryptographicException("Too short.");
            var plain = new byte[protectedData.Length - NonceBytes - TagBytes];
            using var cipher = new AesGcm(owner.Derive(purpose), TagBytes);
            cipher.Decrypt(protectedData.AsSpan(0, NonceBytes), protectedData.AsSpan(NonceBytes + TagBytes), protectedData.AsSpan(NonceBytes, TagBytes), plain);
            return plain;
        }
    }
}
