using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Audits.Rounds;

/// <summary>One offering that is audited.</summary>
/// <param name="Observed">It.</param>
/// <param name="Reference">Whom it is held against; null for nobody.</param>
/// <param name="Problem">Why the reference that is written cannot be used; empty where it can.</param>
internal sealed record AuditSubject(Offering Observed, Offering? Reference, string Problem);

/// <summary>The offerings that a configuration names and wants audited.</summary>
internal static class AuditSubjects
{
    /// <summary>Those of routes and of upstreams' own lists, patterns aside; what serves as a reference for a model is not itself audited for it.</summary>
    public static IReadOnlyList<AuditSubject> Of(GatewaySnapshot snapshot)
    {
        var config = snapshot.Config.Audits;
        if (!config.IsEnabled)
            return [];
        var subjects = new Dictionary<string, AuditSubject>(StringComparer.Ordinal);
        foreach (var (upstream, model) in Named(snapshot.Config))
        {
            if (!IsWanted(upstream, config) || snapshot.OfferingOf(upstream, model) is not { } observed || subjects.ContainsKey(observed.Id))
                continue;
            var (reference, problem) = ReferenceOf(snapshot, model);
            if (reference?.Id != observed.Id)
                subjects[observed.Id] = new AuditSubject(observed, reference, problem);
        }

        return [.. subjects.Values];
    }

    private static IEnumerable<(UpstreamConfig Upstream, string Model)> Named(GatewayConfig config)
    {
        var byName = config.Upstreams.ToDictionary(upstream => upstream.Name, StringComparer.Ordinal);
        foreach (var route in config.Routes)
        {
            foreach (var candidate in route.Candidates)
            {
                var model = candidate.Model ?? route.Model;
                if (!model.Contains('*', StringComparison.Ordinal) && byName.TryGetValue(candidate.Upstream, out var upstream))
                    yield return (upstream, model);
            }
        }

        foreach (var upstream in config.Upstreams)
        {
            foreach (var model in upstream.Models)
            {
                if (!model.Contains('*', StringComparison.Ordinal))
                    yield return (upstream, model);
            }
        }
    }

    private static bool IsWanted(UpstreamConfig upstream, AuditsConfig config) =>
        upstream.Enabled && upstream.Endpoints.Count > 0 && (config.Upstreams.Count == 0 ? upstream.Vendor != BuiltInSandbox.Vendor : config.Upstreams.Contains(upstream.Name, StringComparer.Ordinal));

    private static (Offering? Reference, string Problem) ReferenceOf(GatewaySnapshot snapshot, string model)
    {
        if (snapshot.Config.Audits.ReferenceOf(model) is not { } written)
            return (null, "");
        var slash = written.IndexOf('/', StringComparison.Ordinal);
        var (name, at) = slash < 0 ? (written, model) : (written[..slash], written[(slash + 1)..]);
        return snapshot.TryGetUpstream(name, out var upstream) && upstream is { Enabled: true, Endpoints.Count: > 0 }
            ? (snapshot.OfferingOf(upstream, at), "")
            : (null, $"Its reference {name} is no upstream that can be asked.");
    }
}
