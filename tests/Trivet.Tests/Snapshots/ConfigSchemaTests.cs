using System.Text.Json.Nodes;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.Drafts;

namespace Trivet.Tests.Snapshots;

public sealed class ConfigSchemaTests
{
    [Fact]
    public void Every_key_of_the_schema_is_known_to_the_reader_and_no_other()
    {
        // A file with every key that the schema has, at every level: the reader may dislike values, never a key.
        var yaml = Specimen(Root()).ToJsonString();

        Assert.DoesNotContain(ConfigReaderTests.Read(yaml).Problems, problem => problem.Message.Contains("unknown key", StringComparison.Ordinal));
        foreach (var closed in Objects(Specimen(Root()).AsObject()))
        {
            closed["zzz"] = 1;
            Assert.Contains(ConfigReaderTests.Read(closed.Root.ToJsonString()).Problems, problem => problem.Message.Contains("unknown key 'zzz'", StringComparison.Ordinal));
            closed.Remove("zzz");
        }
    }

    [Fact]
    public void Every_key_has_a_description() => Assert.All(Properties(Root()), property => Assert.NotEmpty(property.Value!["description"]!.GetValue<string>()));

    [Fact]
    public void Every_key_stands_in_the_documentation()
    {
        var documentation = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "configuration.md"));

        Assert.All(Properties(Root()), property => Assert.Matches($@"(?m)(^|[\s{{`,-]){property.Key}`?:", documentation));
    }

    [Fact]
    public void The_examples_of_the_documentation_read_without_a_problem()
    {
        var documentation = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "configuration.md"));
        var examples = documentation.Split("```yaml\n").Skip(1).Select(rest => rest[..rest.IndexOf("\n```", StringComparison.Ordinal)]).ToList();

        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(ConfigReader.Read(example, new ConfigSource("/etc/trivet/trivet.yaml"), _ => "value").Problems));
    }

    [Fact]
    public void The_documentation_names_every_vendor_with_its_sites_and_variables()
    {
        var documentation = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "configuration.md"));

        Assert.All(Trivet.Core.Upstreams.Vendors.VendorProfiles.All, profile =>
        {
            var row = Assert.Single(documentation.Split('\n'), line => line.StartsWith($"| `{profile.Vendor}` |", StringComparison.Ordinal));
            Assert.All(profile.Sites.Select(site => site.Name).Concat(profile.KeyVariables).Concat(profile.Sites.SelectMany(site => site.Endpoints).Select(endpoint => Trivet.Core.Upstreams.ProtocolNames.Name(endpoint.Protocol))), word => Assert.Contains(word, row));
        });
    }

    [Fact]
    public void The_schema_names_every_vendor()
    {
        var vendors = Root()["properties"]!["upstreams"]!["items"]!["properties"]!["vendor"]!["enum"]!.AsArray().Select(vendor => vendor!.GetValue<string>());

        Assert.Equal(Trivet.Core.Upstreams.Vendors.VendorProfiles.Names, vendors);
    }

    private static JsonObject Root() => JsonNode.Parse(ConfigSchema.Json)!.AsObject();

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Properties(JsonObject schema) =>
        (schema["properties"]?.AsObject() ?? []).SelectMany(property => Properties(property.Value!.AsObject()).Prepend(property))
        .Concat(Inner(schema).SelectMany(Properties));

    private static IEnumerable<JsonObject> Inner(JsonObject schema) =>
        new[] { schema["items"], schema["additionalProperties"] }.OfType<JsonObject>().Concat(schema["anyOf"]?.AsArray().OfType<JsonObject>() ?? []);

    private static JsonNode Specimen(JsonObject schema)
    {
        if (schema["anyOf"] is JsonArray options) schema = options.OfType<JsonObject>().FirstOrDefault(option => option["properties"] is not null) ?? options[0]!.AsObject();
        if (schema["properties"] is JsonObject properties) return new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Specimen(property.Value!.AsObject()))));
        if (schema["items"] is JsonObject item) return new JsonArray(Specimen(item));
        if (schema["additionalProperties"] is JsonObject value) return new JsonObject { ["any"] = Specimen(value) };
        return schema["enum"] is JsonArray words ? words[0]!.DeepClone() : JsonValue.Create("1");
    }

    // Mappings with keys of their own; those whose keys the operator chooses hold only "any", and policies are free.
    private static IEnumerable<JsonObject> Objects(JsonObject node) => node.Where(child => child.Key != "any")
        .SelectMany(child => child.Value is JsonArray array ? array.OfType<JsonObject>() : child.Value is JsonObject inner ? [inner] : [])
        .SelectMany(Objects).Concat(node.ContainsKey("any") ? node.Where(child => child.Value is JsonObject).SelectMany(child => Objects(child.Value!.AsObject())) : [node]);

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Trivet.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Trivet.slnx not found");
        return folder;
    }
}
