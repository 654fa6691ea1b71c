using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Trivet.Core.Snapshots.Drafts;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Core.Yaml;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Snapshots.Checks;

/// <summary>Turns upstreams as written into upstreams as they are: the vendor's facts filled in, contradictions named.</summary>
internal static class UpstreamChecks
{
    public static List<UpstreamConfig> Build(IReadOnlyList<Placed<UpstreamDraft>> drafts, string folder, ReadContext context)
    {
        var built = new List<UpstreamConfig>();
        var names = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var (draft, place) in drafts)
        {
            if (draft.Name is { } name)
            {
                if (!IsName(name.Value)) context.Problem(name.Place, $"{name.Place} may hold letters, digits, '.', '_' and '-' only, because clients write name/model");
                else if (!names.TryAdd(name.Value, name.Place)) context.Problem(name.Place, $"a second upstream is called '{name.Value}' (the first is on line {names[name.Value].Node.Start.Line})");
            }

            if (draft.Vendor is { } vendor && VendorProfiles.TryGet(vendor.Value, out var profile))
                built.Add(Build(draft, place, profile, folder, context));
        }

        return built;
    }

    internal static bool IsName(string name) => name.Length is > 0 and <= 100 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static UpstreamConfig Build(UpstreamDraft draft, Place place, VendorProfile profile, string folder, ReadContext context)
    {
        var name = draft.Name?.Value ?? "";
        var endpoints = Endpoints(draft, place, profile, context);
        CheckKeys(draft, place, profile, endpoints, context);
        var models = draft.Models is { Count: > 0 } ? draft.Models : profile.DefaultModels.Count > 0 ? profile.DefaultModels : [UpstreamConfig.AnyModel];
        foreach (var alias in draft.ModelAliases?.Keys ?? [])
            if (alias.Contains('*', StringComparison.Ordinal)) context.Problem(place, $"{place}.model_aliases: '{alias}' cannot be a pattern; a route can");

        return new UpstreamConfig
        {
            Name = name,
            Profile = profile,
            Site = draft.Endpoints is { All.Count: > 0 } ? draft.Site?.Value : draft.Site?.Value ?? (profile.Sites.Count > 0 ? profile.Sites[0].Name : null),
            Endpoints = endpoints,
            Credentials = [.. (draft.Keys ?? []).Select((key, i) => new Credential($"{name}#{i + 1}", key))],
            Models = models,
            ModelAliases = draft.ModelAliases ?? new Dictionary<string, string>(StringComparer.Ordinal),
            Deadlines = draft.Deadlines,
            Plan = draft.Plan,
            IsPrepaid = draft.IsPrepaid,
            Currency = draft.Currency,
            Unpriced = draft.Unpriced,
            Price = draft.Price,
            ModelPrices = draft.ModelPrices ?? new Dictionary<string, PriceConfig>(StringComparer.Ordinal),
            Headers = draft.Headers ?? new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase),
            Proxy = draft.Proxy,
            CaFile = CaFile(draft.CaFile, folder, context),
            Enabled = draft.Enabled,
            AllowPrivateImages = draft.AllowPrivateImages,
            CachesPrompts = draft.CachesPrompts,
            WrittenRegion = draft.Region,
            PromptCache = draft.PromptCache,
        };
    }

    private static List<EndpointConfig> Endpoints(UpstreamDraft draft, Place place, VendorProfile profile, ReadContext context)
    {
        if (draft.Endpoints is { All.Count: > 0 } written)
        {
            // The vendor's own addresses do not stay beside these: the keys of a relay must not travel to the vendor it imitates.
            if (draft.Site is { } both) context.Problem(both.Place, $"{place} has both site and endpoints; endpoints replace the vendor's addresses, so drop one");
            foreach (var (protocol, endpoint) in written.All)
                if (endpoint.Value.Url is { } url) CheckAddress(protocol, url, endpoint.Place, context);
            return [.. written.All.Where(entry => entry.Endpoint.Value.Url is not null).Select(entry => new EndpointConfig(
                entry.Protocol, entry.Endpoint.Value.Url!, entry.Endpoint.Value.Auth ?? draft.Auth ?? UpstreamShapes.UsualAuth(entry.Protocol)))];
        }

        var site = profile.Sites.Count > 0 ? profile.Sites[0] : null;
        if (draft.Site is { } wanted)
        {
            site = profile.Sites.FirstOrDefault(known => known.Name == wanted.Value);
            if (site is null) context.Problem(wanted.Place, $"{profile.Vendor} has no site '{wanted.Value}'{Nearest.Hint(wanted.Value, [.. profile.Sites.Select(known => known.Name)])}");
        }
        else if (site is null && !place.Has("endpoints"))
        {
            context.Problem(place, $"{place} needs the key 'endpoints': the vendor '{profile.Vendor}' has no address of its own");
        }

        return [.. (site?.Endpoints ?? []).Select(endpoint => draft.Auth is { } auth ? new EndpointConfig(endpoint.Protocol, endpoint.BaseUri, auth) : endpoint)];
    }

    private static void CheckAddress(Protocol protocol, Uri url, Place place, ReadContext context)
    {
        if (url.UserInfo.Length > 0) context.Problem(place, $"{place} holds user information; keys belong under 'keys'");
        if (url.Scheme == "http" && !ListenAddress.IsLoopback(url)) context.Warn(place, $"{place} sends keys and prompts unencrypted to {url.Host}: prefer https");

        var path = url.AbsolutePath.TrimEnd('/');
        var appended = protocol switch { Protocol.OpenAIChat => "/chat/completions", Protocol.OpenAIResponses => "/responses", Protocol.AnthropicMessages => "/v1/messages", Protocol.BedrockConverse => "/converse", _ => "/models" };
        if (path.EndsWith(appended, StringComparison.Ordinal)) context.Problem(place, $"{place}: leave '{appended}' out of the address, it is appended");
        else if (protocol == Protocol.AnthropicMessages && path.EndsWith("/v1", StringComparison.Ordinal)) context.Problem(place, $"{place}: leave '/v1' out of the address, /v1/messages is appended");
    }

    private static void CheckKeys(UpstreamDraft draft, Place place, VendorProfile profile, List<EndpointConfig> endpoints, ReadContext context)
    {
        if (draft.Keys is { Count: > 0 } || !draft.Enabled) return;
        if (!profile.NeedsKey || (draft.Keys is null && place.Has("keys"))) return;
        if (endpoints.TrueForAll(endpoint => endpoint.Auth == AuthScheme.None)) return;

        var hint = profile.KeyVariables.Count > 0 ? $": [\"${{{profile.KeyVariables[0]}}}\"]" : ": [\"…\"], or auth: none where it wants none";
        context.Problem(place, $"{place} has no key; write keys{hint}");
    }

    private static string? CaFile(Placed<string>? written, string folder, ReadContext context)
    {
        if (written is not { } file || !context.MayNameFile(file.Place)) return null;
        var path = Path.GetFullPath(Path.Combine(folder, file.Value));
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(path);
            if (certificates.Count == 0) context.Problem(file.Place, $"{file.Place}: {path} holds no certificate in PEM form");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            context.Problem(file.Place, $"{file.Place}: cannot read {path}: {exception.Message}");
        }

        return path;
    }
}
