using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Money;

/// <summary>A file system of a few megabytes in memory, mounted on a folder.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Skips the test where nothing can be mounted.</summary>
    public static async Task<SmallDisk> MountAsync(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Requirement.Missing("only root on Linux may mount a small file system");
        await using var mount = await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder]);
        if (mount.ExitCode != 0)
            Requirement.Missing($"a small file system cannot be mounted here: {mount.Error.Trim()}");
        return new SmallDisk(folder);
    }

    public async ValueTask DisposeAsync()
    {
        await using var umount = await ChildProcess.RunAsync("umount", ["--lazy", _folder]);
    }
}
