namespace Trivet.Tests.Architecture;

/// <summary>Who may import what: the house's rules, each a function from one assembly to what breaks it.</summary>
internal static class ImportRules
{
    private static readonly string[] Drivers = ["Npgsql", "Microsoft.Data.Sqlite", "SQLitePCLRaw", "Dapper"];
    private static readonly string[] Handlers = ["SocketsHttpHandler", "HttpClientHandler", "WinHttpHandler", "HttpClient", "HttpMessageInvoker"];
    private static readonly HashSet<string> BaseClassLibrary =
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll").Select(f => Path.GetFileNameWithoutExtension(f))];

    /// <summary>The wire project is bytes in, objects out: no DI, no log, no network library beyond the base class library's.</summary>
    public static IEnumerable<string> OnlyTheBaseClassLibrary(AssemblyUses a) =>
        a.References.Where(r => !BaseClassLibrary.Contains(r)).Select(r => $"{a.Name} references {r}");

    public static IEnumerable<string> NoReferenceTo(AssemblyUses a, params string[] prefixes) =>
        a.References.Where(r => prefixes.Any(p => r == p || r.StartsWith(p + ".", StringComparison.Ordinal))).Select(r => $"{a.Name} references {r}");

    public static IEnumerable<string> NoDriver(AssemblyUses a) => NoReferenceTo(a, Drivers);

    /// <summary>Connections to vendors are made in one place, where proxy, CA, deadlines and pooling are decided.</summary>
    public static IEnumerable<string> HandlersAreMadeOnlyIn(AssemblyUses a, string ns) =>
        Broken(a, u => u.Member == ".ctor" && u.To.Namespace == "System.Net.Http" && Handlers.Contains(u.To.Name) && !u.From.IsIn(ns));

    /// <summary>Whoever sends, spends: only the relay and the audits do.</summary>
    public static IEnumerable<string> RequestsAreSentOnlyFrom(AssemblyUses a, params string[] namespaces) =>
        Broken(a, u => u.To is { Namespace: "System.Net.Http", Name: "HttpClient" or "HttpMessageInvoker" or "HttpMessageHandler" or "DelegatingHandler" }
            && u.Member is "Send" or "SendAsync" or "GetAsync" or "GetStreamAsync" or "GetStringAsync" or "GetByteArrayAsync" or "PostAsync" or "PutAsync" or "DeleteAsync" or "PatchAsync"
            && !namespaces.Any(u.From.IsIn));

    /// <summary>Types in <paramref name="who"/> never mention a type in one of <paramref name="what"/>.</summary>
    public static IEnumerable<string> NoMention(AssemblyUses a, string who, params string[] what) =>
        Broken(a, u => u.From.IsIn(who) && !what.Any(w => w == who) && what.Any(u.To.IsIn));

    /// <summary>A type by its name is mentioned only from where <paramref name="allowed"/> says so.</summary>
    public static IEnumerable<string> MentionedOnlyBy(AssemblyUses a, Func<TypeName, bool> type, Func<TypeName, bool> allowed) =>
        Broken(a, u => type(u.To) && !type(u.From) && !allowed(u.From));

    private static IEnumerable<string> Broken(AssemblyUses a, Func<TypeUse, bool> breaks) =>
        a.Uses.Where(breaks).Select(u => u.ToString()).Distinct().Order(StringComparer.Ordinal);
}
