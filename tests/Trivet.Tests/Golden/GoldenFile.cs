using System.Runtime.CompilerServices;

namespace Trivet.Tests.Golden;

/// <summary>Surfaces that others rely on, as committed text. <c>TRIVET_UPDATE_GOLDEN=1</c> writes them anew; the change is then reviewed like code.</summary>
internal static class GoldenFile
{
    public static void Matches(string name, string actual, [CallerFilePath] string here = "")
    {
        var path = Find(name, here);
        actual = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("TRIVET_UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is not there; TRIVET_UPDATE_GOLDEN=1 writes it");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }

    private static string Find(string name, string here)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")))
                return Path.Combine(folder.FullName, "tests", "Trivet.Tests", "Golden", name);
        }

        return Path.Combine(Path.GetDirectoryName(here)!, name);
    }
}
