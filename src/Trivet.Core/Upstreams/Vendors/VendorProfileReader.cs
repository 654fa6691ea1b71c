using System.Text.Json.Nodes;
using Trivet.Core.Routing;
using Trivet.Core.Upstreams.Accounts;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Core.Yaml;
using Trivet.Wire.Canonical;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Upstreams.Vendors;

/// <summary>Reads a vendor profile. Its keys are the profile format: a wrong one is a problem, so data cannot rot unseen.</summary>
internal static class VendorProfileReader
{
    private static readonly ObjectShape<ProtocolQuirks> QuirkKeys = QuirkShape.Keys();

    private static readonly ObjectShape<VendorProfile> Shape = ProfileKeys();

    /// <summary>Reads a profile; null, with problems, where it is not one.</summary>
    public static VendorProfile? Read(string yaml, List<ConfigProblem> problems)
    {
        var context = new ReadContext(_ => null);
        var profile = YamlText.TryParse(yaml, context, out var root) && Shape.TryRead(context, new Place(root, ""), out var read) ? read : null;
        problems.AddRange(context.Problems);
        return profile;
    }

    private static ObjectShape<VendorProfile> ProfileKeys()
    {
        var texts = new ListShape<string>(Shapes.Text);
        var protocolName = new ListShape<Protocol>(UpstreamShapes.Protocol);
        return new ObjectShape<VendorProfile>(() => new VendorProfile { Vendor = "", DisplayName = "", Checked = default, Sources = [] })
            .Key("vendor", "The name in vendor:.", Shapes.Text, (profile, value) => profile with { Vendor = value }, required: true)
            .Key("name", "The name for people.", Shapes.Text, (profile, value) => profile with { DisplayName = value }, required: true)
            .Key("checked", "When the facts were last checked.", Shapes.Date, (profile, value) => profile with { Checked = value }, required: true)
            .Key("sources", "Where they come from.", texts, (profile, value) => profile with { Sources = value }, required: true)
            .Key("sites", "Regions and plans, the default one first.", new MapShape<EndpointsDraft>(UpstreamShapes.Endpoints), (profile, value) => profile with { Sites = Sites(value) })
            .Key("key_variables", "Environment variables with a key.", texts, (profile, value) => profile with { KeyVariables = value })
            .Key("base_url_variables", "Environment variables with a base address.", new MapShape<IReadOnlyList<Protocol>>(protocolName), (profile, value) => profile with { BaseUrlVariables = [.. value.Select(entry => new BaseUrlVariable(entry.Key, entry.Value))] })
            .Key("host_variable", "Environment variable with host and port of a local server.", Shapes.Text, (profile, value) => profile with { HostVariable = value })
            .Key("needs_key", "Whether it wants a key.", Shapes.Bool, (profile, value) => profile with { NeedsKey = value })
            .Key("default_models", "Models when the operator names none.", texts, (profile, value) => profile with { DefaultModels = value })
            .Key("plan_sites", "Sites that a flat fee pays for.", texts, (profile, value) => profile with { PlanSites = value })
            .Key("account", "Where it says how an account stands.", new ListShape<AccountReading>(AccountShape.Keys()), (profile, value) => profile with { Account = value })
            .Key("error_codes", "The vendor's own error codes.", new MapShape<VendorErrorClass>(Shapes.Word<VendorErrorClass>()), (profile, value) => profile with { ErrorCodes = value })
            .Key("quirks", "What differs, by protocol.", new QuirksByProtocolShape(), (profile, value) => profile with { Quirks = value });
    }

    private static List<VendorSite> Sites(IReadOnlyDictionary<string, EndpointsDraft> sites) =>
        [.. sites.Select(site => new VendorSite(site.Key, [.. site.Value.All.Select(entry =>
            new EndpointConfig(entry.Protocol, entry.Endpoint.Value.Url!, entry.Endpoint.Value.Auth ?? UpstreamShapes.UsualAuth(entry.Protocol)))]))];

    /// <summary>Protocol → quirks, each with an optional <c>models:</c> of patches on top of its base.</summary>
    private sealed class QuirksByProtocolShape : Shape<IReadOnlyDictionary<Protocol, QuirkTable>>
    {
        public override bool TryRead(ReadContext context, Place place, out IReadOnlyDictionary<Protocol, QuirkTable> value)
        {
            var tables = new Dictionary<Protocol, QuirkTable>();
            value = tables;
            if (!new MapShape<QuirkTable>(new TableShape()).TryRead(context, place, out var read)) return false;
            foreach (var (name, table) in read)
            {
                if (ProtocolNames.All.TryGetValue(name, out var protocol)) tables[protocol] = table;
                else context.Problem(place, $"unknown protocol '{name}' in {place}{Nearest.Hint(name, ProtocolNames.All.Keys)}");
            }

            return tables.Count == read.Count;
        }

        public override JsonObject Schema() => [];
    }

    private sealed class TableShape : Shape<QuirkTable>
    {
        public override bool TryRead(ReadContext context, Place place, out QuirkTable value)
        {
            value = new QuirkTable(ProtocolQuirks.Standard, []);
            if (place.Node is not YamlMappingNode mapping) return ReadContext.IsEmpty(place.Node);

            var own = new YamlMappingNode(mapping.Children.Where(child => child.Key is not YamlScalarNode { Value: "models" }));
            if (!QuirkKeys.TryRead(context, place with { Node = own }, out var start)) return false;

            var models = new List<ModelQuirks>();
            if (mapping.Children.TryGetValue("models", out var patches) && patches is YamlMappingNode byPattern)
            {
                foreach (var (pattern, patch) in byPattern.Children)
                {
                    if (!QuirkKeys.TryRead(context, place.Key($"models[{pattern}]", patch), start, out var patched)) return false;
                    models.Add(new ModelQuirks(new ModelPattern(pattern.ToString()), patched));
                }
            }

            value = new QuirkTable(start, models);
            return true;
        }

        public override JsonObject Schema() => [];
    }
}
