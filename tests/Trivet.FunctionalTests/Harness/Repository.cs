namespace Trivet.FunctionalTests.Harness;

/// <summary>Where things are in a checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Files that outlive a run and are never committed.</summary>
    public static string Artifacts { get; } = Directory.CreateDirectory(Path.Combine(Root, "artifacts")).FullName;

    /// <summary>The gateway's executable, as built together with these tests.</summary>
    public static string TrivetDll { get; } = Path.Combine(AppContext.BaseDirectory, "trivet.dll");

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Trivet.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("Trivet.slnx is in no folder above the tests");
    }
}

/// <summary>A folder of its own under the system's temporary folder, deleted at the end.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("trivet-tests-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that is still ending may write once more; the system clears its temporary folder.
        }
    }
}
