using System.Security.Cryptography;
using System.Text;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots.Checks;
using Trivet.Core.Snapshots.Drafts;
using Trivet.Core.Yaml;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Snapshots;

/// <summary>The outcome of reading a configuration.</summary>
/// <param name="Config">The configuration, or null where there is any problem.</param>
/// <param name="Problems">Everything that is wrong, in the order of the file.</param>
/// <param name="Warnings">What is legal but probably not meant.</param>
public sealed record ConfigReading(GatewayConfig? Config, IReadOnlyList<ConfigProblem> Problems, IReadOnlyList<ConfigProblem> Warnings);

/// <summary>
/// Reads <c>trivet.yaml</c>. Bad input is never an exception: every problem is gathered, with its line, and told at once.
/// </summary>
public static class ConfigReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path; relative paths within it start at its folder.</param>
    /// <param name="environment">Looks up environment variables for <c>${NAME}</c>.</param>
    /// <param name="unset">Stands for a variable that is not set, for whoever needs only a part of the file; null: that is a problem.</param>
    public static ConfigReading ReadFile(string path, Func<string, string?> environment, string? unset = null)
    {
        var full = Path.GetFullPath(path);
        try
        {
            return Read(File.ReadAllText(full), new ConfigSource(full), environment, unset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ConfigReading(null, [new ConfigProblem(0, 0, "", $"cannot read {full}: {exception.Message}")], []);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="source">Where it is from.</param>
    /// <param name="environment">Looks up environment variables for <c>${NAME}</c>.</param>
    /// <param name="unset">Stands for a variable that is not set; null: that is a problem.</param>
    public static ConfigReading Read(string yaml, ConfigSource source, Func<string, string?> environment, string? unset = null) =>
        Read(yaml, source, new ReadContext(environment, unset));

    /// <summary>Reads an upstream that was made in the console.</summary>
    internal static ConfigReading ReadUpstream(string yaml, Func<string, string?> environment) => Read(yaml, new ConfigSource((string?)null), new ReadContext(environment) { IsOfConsole = true });

    private static ConfigReading Read(string yaml, ConfigSource source, ReadContext context)
    {
        source = source with { Hash = Hash(yaml) };
        GatewayConfig? config = null;
        if (YamlText.TryParse(yaml, context, out var root))
        {
            ConfigShape.Root.TryRead(context, new Place(root, ""), out var draft);
            config = Check(draft, source, context);
        }

        var problems = context.Problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column).ToList();
        return new ConfigReading(problems.Count == 0 ? config : null, problems, context.Warnings);
    }

    /// <summary>What stands by itself: policies, routes, the section of audits.</summary>
    internal sealed record RuleReading(IReadOnlyList<PolicyConfig> Policies, IReadOnlyList<RouteConfig> Routes, AuditsConfig Audits, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
    {
        /// <summary>The <c>keys:</c> of the one policy, which may be readable where the rest of it is not; null where they are not, or where it is not one policy.</summary>
        public IReadOnlyList<string>? KeysOfPolicy { get; init; }
    }

    /// <summary>Reads policies, routes and the section of audits that stand by themselves, beside a configuration whose upstreams and policies they may name.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="beside">What is there already.</param>
    /// <param name="isKept">It was in order once: a candidate whose upstream is gone since then is told and left out, and the others stay.</param>
    internal static RuleReading ReadRules(string yaml, GatewayConfig beside, bool isKept)
    {
        var context = new ReadContext(_ => null) { IsOfConsole = true };
        List<PolicyConfig> policies = [];
        List<RouteConfig> routes = [];
        var audits = new AuditsConfig();
        if (YamlText.TryParse(yaml, context, out var root))
        {
            ConfigShape.Root.TryRead(context, new Place(root, ""), out var draft);
            policies = PolicyChecks.Build(draft.Policies, "", context);
            routes = RouteChecks.Build(draft.Routes, beside.Upstreams.ToLookup(upstream => upstream.Name, upstream => upstream.Enabled, StringComparer.Ordinal), PolicyChecks.NamesFor([.. beside.Policies, .. policies]), beside.Retry, context, mayMiss: isKept);
            audits = AuditShapes.Build(draft.Audits, beside.Upstreams.Select(upstream => upstream.Name), context);
        }

        return new RuleReading(policies, routes, audits, Messages(context.Problems), Messages(context.Warnings)) { KeysOfPolicy = KeysOfPolicy(root) };

        static IReadOnlyList<string> Messages(List<ConfigProblem> problems) => [.. problems.Select(problem => problem.Message).Distinct(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string>? KeysOfPolicy(YamlNode root)
    {
        if (root is not YamlMappingNode top || !top.Children.TryGetValue("policies", out var policies) || policies is not YamlMappingNode { Children.Count: 1 } one || one.Children[0].Value is not YamlMappingNode policy)
            return null;
        if (!policy.Children.TryGetValue("keys", out var keys) || ReadContext.IsEmpty(keys))
            return [];
        var context = new ReadContext(_ => null);
        return PolicyShapes.KeyNames.TryRead(context, new Place(keys, "keys"), out var names) && context.Problems.Count == 0 ? names : null;
    }

    /// <summary>By which two versions of a file are told apart.</summary>
    internal static string Hash(string yaml) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)));

    private static GatewayConfig Check(ConfigDraft draft, ConfigSource source, ReadContext context)
    {
        var folder = Path.GetDirectoryName(source.Path) ?? "";
        var upstreams = UpstreamChecks.Build(draft.Upstreams, folder, context);
        if (draft.Listen is { } listen && !ListenAddress.IsValid(listen.Value))
            context.Problem(listen.Place, $"listen must be an address such as http://127.0.0.1:4180, not {ReadContext.Written(listen.Place)}");
        var policies = PolicyChecks.Build(draft.Policies, folder, context);

        return new GatewayConfig
        {
            Listen = draft.Listen?.Value,
            DataDirectory = draft.Data is { } data ? Path.GetFullPath(Path.Combine(folder, data)) : null,
            Database = draft.Database ?? DatabaseConfig.Sqlite,
            TrustedProxies = draft.TrustedProxies,
            Upstreams = upstreams,
            Routes = RouteChecks.Build(draft.Routes, RouteChecks.Known(draft.Upstreams), PolicyChecks.NamesFor(policies), draft.Retry, context),
            Policies = policies,
            Retry = draft.Retry,
            Continuation = draft.Continuation,
            Limits = draft.Limits,
            ImageFetch = draft.ImageFetch,
            Replay = draft.Replay,
            Responses = draft.Responses,
            Unpriced = draft.Unpriced,
            Fx = FxShapes.Build(draft.Fx, folder, context),
            Audits = AuditShapes.Build(draft.Audits, draft.Upstreams.Select(upstream => upstream.Value.Name?.Value).OfType<string>(), context),
            Alarms = AlarmShapes.Build(draft.Alarms, context),
            Telemetry = draft.Telemetry,
            PayloadLogging = draft.PayloadLogging,
            Source = source,
            Warnings = context.Warnings,
        };
    }
}
