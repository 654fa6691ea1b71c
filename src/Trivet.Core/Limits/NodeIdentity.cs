using System.Security.Cryptography;

namespace Trivet.Core.Limits;

/// <summary>Who this node is. Its name survives restarts, so that it finds its own leases again; its holder is new with each start.</summary>
/// <param name="Name">Sixteen hexadecimal digits.</param>
/// <param name="Holder">The name, a dot, and the start.</param>
public sealed record NodeIdentity(string Name, string Holder)
{
    private const string FileName = "node.id";

    /// <summary>Reads the name from the directory, or makes one.</summary>
    public static NodeIdentity Load(string directory, TimeProvider time)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var name = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        if (name.Length != 16)
        {
            name = RandomNumberGenerator.GetHexString(16, lowercase: true);
            File.WriteAllText(path, name);
        }

        return new NodeIdentity(name, string.Create(null, stackalloc char[64], $"{name}.{time.GetUtcNow().ToUnixTimeMilliseconds():x}{RandomNumberGenerator.GetInt32(0x1000):x3}"));
    }
}
