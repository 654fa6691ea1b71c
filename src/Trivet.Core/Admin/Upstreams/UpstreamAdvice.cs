using Trivet.Core.Failures;
using Trivet.Core.Relay.Probing;

namespace Trivet.Core.Admin.Upstreams;

/// <summary>What is wrong with an upstream and how to mend it, in words for the operator who owns it.</summary>
/// <param name="Problem">What happened.</param>
/// <param name="Remedy">What to do.</param>
public sealed record UpstreamAdvice(string Problem, string Remedy)
{
    /// <summary>The advice for a probe that failed; null where it went well.</summary>
    public static UpstreamAdvice? For(ProbeResult probe)
    {
        if (probe.Failure is not { } failure)
            return null;
        var said = failure.UpstreamError?.Message is { Length: > 0 } message ? $" It said: {message}" : "";
        var status = failure.UpstreamStatus > 0 ? $"HTTP {failure.UpstreamStatus}. " : "";
        var (problem, remedy) = failure.Kind switch
        {
            FailureKind.UpstreamUnreachable => Unreachable(probe, failure),
            FailureKind.UpstreamConnectTimeout => ($"No connection to {Host(probe)} within {Seconds(probe.Upstream.Deadlines.Connect)}.", "Is the address right, and does a firewall or a proxy stand between? 'proxy:' sends this upstream through one; 'deadlines: { connect: … }' waits longer."),
            FailureKind.UpstreamReset => ($"{Host(probe)} broke the connection before it answered.", "Does this port speak http where the address says https, or the other way round? A proxy in between may also refuse."),
            FailureKind.UpstreamHeadersTimeout or FailureKind.UpstreamFirstContentTimeout or FailureKind.UpstreamTotalTimeout or FailureKind.UpstreamIdleTimeout =>
                ("It took the request and did not answer in time.", "A model that is loading or overloaded? Try again; 'deadlines: { first_content: … }' waits longer."),
            FailureKind.UpstreamCredentialRefused => ($"{status}It refuses the credential {probe.CredentialId ?? "(none is configured)"}.{said}", Credential(probe)),
            FailureKind.UpstreamBillingExhausted => ($"{status}The account of {probe.CredentialId} has no balance, or its plan is used up.{said}", "Top the account up, or put another key into 'keys:'."),
            FailureKind.UpstreamModelUnknown => ($"{status}It does not know {probe.Model}.{said}", "Correct 'models:' of this upstream, or the base address: a 404 can also mean that the path is wrong."),
            FailureKind.UpstreamRateLimited => ($"{status}It limits this credential's requests.{said}", failure.RetryAfter is { } wait ? $"Try again in {Seconds(wait)}." : "Wait a little and check again; more keys in 'keys:' share the load."),
            FailureKind.UpstreamOverloaded => ($"{status}It has no capacity.{said}", "Nothing to mend here: check again later, and give the route another candidate."),
            FailureKind.UpstreamRequestRefused => ($"{status}It refuses a minimal request.{said}", "Does it speak this protocol at this address? If the vendor is right, its profile may be out of date."),
            FailureKind.UpstreamMalformed or FailureKind.UpstreamTruncated => ($"{status}Its answer is not of this protocol.{said}", "The address may lead to a web page or to another protocol: see 'endpoints:'."),
            _ => ($"{status}{failure.Rule.Message}{said}", "Check again; if it stays, the vendor's status page may know."),
        };
        return new UpstreamAdvice(problem, remedy);
    }

    private static (string Problem, string Remedy) Unreachable(ProbeResult probe, Failure failure)
    {
        var via = probe.Upstream.Proxy is { } proxy ? $" (through the proxy {proxy.Address.Authority})" : "";
        return probe.Reach switch
        {
            Reachability.NameUnknown => ($"The name {probe.Url.Host} is not known to the DNS{via}.", "Correct the address of this upstream, or mend the machine's name resolution."),
            Reachability.TlsFailed => ($"TLS with {Host(probe)} failed{via}: {failure.Internal}", "A private certificate authority? Name its PEM file in 'ca_file:'. Else the clock may be wrong, or the port speaks plain http."),
            Reachability.Refused => ($"{Host(probe)} refuses connections{via}.", probe.Url.IsLoopback ? "Is the local server running, and on this port?" : "Correct host and port of this upstream, or start what should listen there."),
            _ => ($"{Host(probe)} cannot be reached{via}: {failure.Internal}", "Check address, network and proxy."),
        };
    }

    private static string Credential(ProbeResult probe)
    {
        var variables = probe.Upstream.Profile.KeyVariables;
        var from = variables.Count > 0 ? $" (usually from {variables[0]})" : "";
        return probe.CredentialId is null
            ? $"Give it a key in 'keys:'{from}."
            : $"Is the key in 'keys:'{from} whole, active and of this site ({probe.Url.Host})? Keys of one region or plan are often refused at another: see 'site:'.";
    }

    private static string Host(ProbeResult probe) => probe.Url.Authority;

    private static string Seconds(TimeSpan span) => $"{span.TotalSeconds:0.#} s";
}
