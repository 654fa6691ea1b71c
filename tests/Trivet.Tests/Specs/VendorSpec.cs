using System.Text.Json.Nodes;
using Trivet.Tests.Wire;

namespace Trivet.Tests.Specs;

/// <summary>A vendor's machine-readable specification in <c>../shared/specs</c>, to hold what the gateway emits against. Read once, when first asked for.</summary>
internal sealed class VendorSpec
{
    private readonly Lazy<(JsonSchemaValidator Schemas, UndeclaredProperties Names)> _checks;
    private readonly IReadOnlyList<SpecException> _exceptions;

    private VendorSpec(string file, IReadOnlyList<SpecException> exceptions)
    {
        _exceptions = exceptions;
        _checks = new(() =>
        {
            var document = JsonNode.Parse(File.ReadAllBytes(PathOf(file)))!.AsObject();
            return (new JsonSchemaValidator(document), new UndeclaredProperties(document));
        });
    }

    public static VendorSpec OpenAI { get; } = new("openai.openapi.json", SpecException.OpenAI);

    /// <summary>The file is JSON, whatever its name says.</summary>
    public static VendorSpec Anthropic { get; } = new("anthropic.openapi.yaml", SpecException.Anthropic);

    public static VendorSpec Gemini { get; } = new("gemini.v1beta.openapi.json", []);

    /// <summary>What speaks against <paramref name="value"/> being a <paramref name="schema"/>; empty where nothing does. Names that the schema does not declare speak against it, too. Skips the test where the specification is absent.</summary>
    public IReadOnlyList<string> Validate(string schema, JsonNode value)
    {
        if (Corpus.SharedDirectory is null)
            Assert.Skip("../shared/specs is absent");
        var (schemas, names) = _checks.Value;
        return [.. schemas.Validate(schema, value).Concat(names.Find(schema, value)).Where(fault => !_exceptions.Any(e => e.Covers(schema, fault))).Distinct()];
    }

    private static string PathOf(string file) => Path.Combine(Corpus.SharedDirectory!, "specs", file);
}
