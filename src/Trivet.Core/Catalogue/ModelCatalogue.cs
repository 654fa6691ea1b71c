using System.Collections.Concurrent;
using System.Collections.Frozen;
using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

/// <summary>
/// The models and list prices that Trivet knows: the files that come with it, one per vendor, and over them the operator's own (imported ones) of a folder.
/// A file is read when its vendor is first asked for; names of vendors are known without reading any.
/// </summary>
public sealed class ModelCatalogue
{
    /// <summary>The operator's own files, in the data directory.</summary>
    public const string FolderName = "catalogue";

    private const string Prefix = "catalogue/";
    private const string CalendarPrefix = "calendars/";
    private const string Suffix = ".yaml";

    private static readonly FrozenSet<string> ShippedNames = Resources(Prefix).ToFrozenSet(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, CatalogueVendor> ShippedVendors = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, HolidayCalendar> Calendars = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, CatalogueVendor> _vendors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly FrozenDictionary<string, string> _files;

    private ModelCatalogue(IReadOnlyDictionary<string, string> files)
    {
        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
        VendorNames = [.. ShippedNames.Union(_files.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>What comes with Trivet.</summary>
    public static ModelCatalogue Shipped { get; } = new(new Dictionary<string, string>());

    /// <summary>The vendors there are, sorted.</summary>
    public IReadOnlyList<string> VendorNames { get; }

    /// <summary>What is wrong with the operator's own files, of those that were read so far; such a file counts for nothing.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>What tells two states of a folder's files apart; empty where there is none.</summary>
    public static string Stamp(string folder)
    {
        if (!Directory.Exists(folder))
            return "";
        var files = new DirectoryInfo(folder).EnumerateFiles("*" + Suffix).OrderBy(file => file.Name, StringComparer.Ordinal);
        return string.Join('|', files.Select(file => $"{file.Name}:{file.Length}:{file.LastWriteTimeUtc.Ticks}"));
    }

    /// <summary>What comes with Trivet, and over it the <c>*.yaml</c> files of a folder; a folder that is not there is empty.</summary>
    public static ModelCatalogue WithFolder(string folder)
    {
        if (!Directory.Exists(folder))
            return Shipped;
        var files = Directory.EnumerateFiles(folder, "*" + Suffix).ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => path, StringComparer.Ordinal);
        return files.Count == 0 ? Shipped : new ModelCatalogue(files);
    }

    /// <summary>A vendor's part; null where the catalogue does not know it.</summary>
    public CatalogueVendor? Find(string vendor)
    {
        if (_vendors.TryGetValue(vendor, out var found))
            return found;
        var shipped = ShippedNames.Contains(vendor) ? ShippedVendors.GetOrAdd(vendor, ReadShipped) : null;
        var own = _files.TryGetValue(vendor, out var path) ? ReadOwn(vendor, path) : null;
        found = shipped is null ? own : own is null ? shipped : shipped.With(own);
        return found is null ? null : _vendors.GetOrAdd(vendor, found);
    }

    /// <summary>What stands in the operator's own file of a vendor; null where there is none, or a broken one.</summary>
    internal CatalogueVendor? OwnFile(string vendor) => _files.TryGetValue(vendor, out var path) ? ReadOwn(vendor, path) : null;

    /// <summary>A model by a vendor's name for it; null where it is not known.</summary>
    public CatalogueModel? Find(string vendor, string model) => Find(vendor)?.Find(model);

    /// <summary>
    /// The model that a relay means by a name, at the vendor that makes it, with or without a <c>maker/</c> before it and with a version's numbers joined by a dot where the
    /// maker joins them by a dash (<c>anthropic/claude-sonnet-4.5</c>); null where no maker knows it. What follows a colon is another offer (<c>:free</c>) and is never left out.
    /// </summary>
    public CatalogueModel? FindByMaker(string model)
    {
        var bare = model[(model.LastIndexOf('/') + 1)..];
        foreach (var vendor in VendorNames)
        {
            if (Find(vendor) is { } maker && maker.IsMakerOf(bare) && (maker.Find(bare) ?? maker.Find(bare.Replace('.', '-'))) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>A holiday calendar that comes with Trivet; null where there is none of that name.</summary>
    public static HolidayCalendar? Calendar(string name)
    {
        if (Calendars.TryGetValue(name, out var calendar))
            return calendar;
        return Resource(CalendarPrefix + name + Suffix) is { } yaml ? Calendars.GetOrAdd(name, CalendarReader.Read(name, yaml)) : null;
    }

    private static IEnumerable<string> Resources(string prefix) => typeof(ModelCatalogue).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
        .Select(name => name[prefix.Length..^Suffix.Length]);

    private static string? Resource(string name)
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream(name);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    // An embedded file that is wrong is a defect of the build, caught by a test.
    private static CatalogueVendor ReadShipped(string vendor)
    {
        var problems = new List<ConfigProblem>();
        return CatalogueReader.Read(Resource(Prefix + vendor + Suffix)!, Calendar, problems)
            ?? throw new InvalidOperationException($"Catalogue of '{vendor}': {string.Join("; ", problems)}");
    }

    private CatalogueVendor? ReadOwn(string vendor, string path)
    {
        try
        {
            var problems = new List<ConfigProblem>();
            var read = CatalogueReader.Read(File.ReadAllText(path), Calendar, problems);
            if (read is not null && read.Name != vendor)
                problems.Add(new ConfigProblem(1, 1, "vendor", $"the file is named after '{vendor}' and is of '{read.Name}'"));
            foreach (var problem in problems)
                _problems.Enqueue($"{path}: {problem}");
            return problems.Count == 0 ? read : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Enqueue($"cannot read {path}: {exception.Message}");
            return null;
        }
    }
}
