namespace Trivet.Tests.Architecture;

/// <summary>The house's rule for folders, counted in the checkout that the tests were built from.</summary>
public sealed class FolderTests
{
    private const int MostFiles = 25;
    private static readonly string[] Code = [".cs", ".razor"];

    [Fact]
    public void No_folder_of_code_has_more_files_than_a_concept_has_parts() => Assert.Empty(TooFull(Checkout()));

    [Fact]
    public void A_full_folder_is_found_and_one_of_data_alone_may_be_full()
    {
        var root = Directory.CreateTempSubdirectory("trivet-folders-");
        try
        {
            Fill(root.CreateSubdirectory("src/Full/Part"), MostFiles, ".cs");
            Fill(root.CreateSubdirectory("src/Data"), MostFiles + 1, ".yaml");
            Fill(root.CreateSubdirectory("src/Full/obj"), MostFiles + 1, ".cs");
            Assert.Empty(TooFull(root.FullName));

            Fill(root.CreateSubdirectory("src/Full/Part"), 1, ".txt");
            Assert.Equal([$"{Path.Combine("src", "Full", "Part")} has {MostFiles + 1} files"], TooFull(root.FullName));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static List<string> TooFull(string root) =>
    [
        .. from top in new[] { "src", "tests", "bench" }
           where Directory.Exists(Path.Combine(root, top))
           from folder in Directory.EnumerateDirectories(Path.Combine(root, top), "*", SearchOption.AllDirectories)
           let name = Path.GetRelativePath(root, folder)
           where !name.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules")
           let files = Directory.GetFiles(folder)
           where files.Length > MostFiles && files.Any(f => Code.Contains(Path.GetExtension(f)))
           orderby name
           select $"{name} has {files.Length} files"
    ];

    private static void Fill(DirectoryInfo folder, int count, string extension)
    {
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(Path.Combine(folder.FullName, $"{i}{extension}"), "");
        }
    }

    private static string Checkout()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Trivet.slnx")))
        {
            at = at.Parent;
        }

        Assert.SkipWhen(at is null, "the tests do not run below a checkout");
        return at!.FullName;
    }
}
