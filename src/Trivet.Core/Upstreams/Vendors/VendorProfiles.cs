using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Trivet.Core.Yaml;

namespace Trivet.Core.Upstreams.Vendors;

/// <summary>
/// The profiles that come with Trivet: one embedded YAML file per vendor, named after it. Each is read when it is first asked for; the
/// names are known without reading any.
/// </summary>
public static class VendorProfiles
{
    private const string Prefix = "profiles/";
    private const string Suffix = ".yaml";

    private static readonly ConcurrentDictionary<string, VendorProfile> Read = new(StringComparer.Ordinal);

    /// <summary>The vendors there are, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(VendorProfiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    private static readonly FrozenSet<string> Known = Names.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All profiles, in the order of their names.</summary>
    public static IEnumerable<VendorProfile> All => Names.Select(Get);

    /// <summary>A vendor's profile.</summary>
    public static bool TryGet(string vendor, [NotNullWhen(true)] out VendorProfile? profile)
    {
        profile = Known.Contains(vendor) ? Get(vendor) : null;
        return profile is not null;
    }

    /// <summary>The profile of a vendor that is known to be there.</summary>
    /// <exception cref="InvalidOperationException">An embedded file is wrong: a defect of the build, caught by a test.</exception>
    public static VendorProfile Get(string vendor) => Read.GetOrAdd(vendor, static name =>
    {
        var problems = new List<ConfigProblem>();
        using var stream = typeof(VendorProfiles).Assembly.GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new InvalidOperationException($"There is no vendor profile '{name}'.");
        using var reader = new StreamReader(stream);
        return VendorProfileReader.Read(reader.ReadToEnd(), problems)
            ?? throw new InvalidOperationException($"Vendor profile '{name}': {string.Join("; ", problems)}");
    });
}
