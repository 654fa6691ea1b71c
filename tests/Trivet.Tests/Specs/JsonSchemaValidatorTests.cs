using System.Text.Json.Nodes;

namespace Trivet.Tests.Specs;

/// <summary>The validator says no where it must: a validator that is too kind would prove nothing.</summary>
public sealed class JsonSchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":["string","null"]}""", "null", "1")]
    [InlineData("""{"type":"integer"}""", "3", "3.5")]
    [InlineData("""{"type":"string","nullable":true}""", "null", "[]")]
    [InlineData("""{"enum":["a","b"]}""", "\"b\"", "\"c\"")]
    [InlineData("""{"const":"a"}""", "\"a\"", "\"b\"")]
    [InlineData("""{"type":"object","required":["a"]}""", """{"a":null}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1}""", """{"b":1}""")]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":"x"}""", """{"a":1}""")]
    [InlineData("""{"propertyNames":{"pattern":"^a"}}""", """{"ab":1}""", """{"b":1}""")]
    [InlineData("""{"maxProperties":1}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"items":{"type":"string"},"minItems":1,"maxItems":2}""", """["a"]""", "[1]")]
    [InlineData("""{"items":{},"minItems":1}""", "[1]", "[]")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"abc\"", "\"a1\"")]
    [InlineData("""{"minLength":1,"maxLength":2}""", "\"ab\"", "\"abc\"")]
    [InlineData("""{"minimum":0,"maximum":1}""", "1", "1.1")]
    [InlineData("""{"exclusiveMinimum":0}""", "0.1", "0")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1,"b":1}""", """{"a":1}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "null", "1")]
    [InlineData("""{"oneOf":[{"type":"string"},{"enum":["a"]}]}""", "\"a\"", "1")]
    [InlineData("""{"not":{"type":"string"}}""", "1", "\"a\"")]
    [InlineData("""{"$ref":"#/components/schemas/Named"}""", """{"kind":"a","n":1}""", """{"kind":"a","n":"x"}""")]
    public void A_rule_lets_the_right_value_in_and_the_wrong_one_not(string schema, string right, string wrong)
    {
        Assert.Empty(Validate(schema, right));
        Assert.NotEmpty(Validate(schema, wrong));
    }

    [Fact]
    public void A_discriminator_picks_the_branch_and_names_its_faults_only()
    {
        const string Schema = """
            {"oneOf":[{"$ref":"#/components/schemas/Named"},{"properties":{"kind":{"const":"b"},"m":{"type":"string"}},"required":["m"]}],"discriminator":{"propertyName":"kind"}}
            """;

        Assert.Empty(Validate(Schema, """{"kind":"b","m":"x"}"""));
        Assert.Equal(["$: m is missing"], Validate(Schema, """{"kind":"b"}"""));
        Assert.Equal(["$.n: string where integer is wanted"], Validate(Schema, """{"kind":"a","n":"x"}"""));
    }

    [Fact]
    public void Where_no_branch_fits_the_nearest_one_is_explained() =>
        Assert.Equal(["$.a.b: number where string is wanted"], Validate("""{"anyOf":[{"type":"string"},{"type":"object","properties":{"a":{"properties":{"b":{"type":"string"}}}}}]}""", """{"a":{"b":1}}"""));

    [Theory]
    [InlineData("""{"kind":"a","n":1}""", "")]
    [InlineData("""{"kind":"a","m":1}""", "$.m: is declared nowhere")]
    [InlineData("""[{"kind":"a"},{"x":1}]""", "$[1].x: is declared nowhere")]
    public void A_name_that_no_branch_declares_is_found(string value, string fault)
    {
        var document = JsonNode.Parse("""
            {"components":{"schemas":{"Named":{"properties":{"kind":{},"n":{}}},"Either":{"anyOf":[{"$ref":"#/components/schemas/Named"},{"type":"array","items":{"$ref":"#/components/schemas/Named"}}]}}}}
            """)!.AsObject();

        Assert.Equal(fault, string.Join(' ', new UndeclaredProperties(document).Find("Either", JsonNode.Parse(value))));
    }

    [Fact]
    public void A_word_that_it_cannot_judge_throws() => Assert.Throws<NotSupportedException>(() => Validate("""{"patternProperties":{}}""", "{}"));

    [Fact]
    public void A_recorded_answer_is_valid_and_one_without_its_model_is_not()
    {
        var answer = JsonNode.Parse(Wire.Corpus.All("anthropic-messages").First(e => e.Status == 200 && e.ResponseBody is not null && e.Provider == "anthropic").ResponseBody)!.AsObject();
        answer.Remove("model");

        Assert.Contains("$: model is missing", VendorSpec.Anthropic.Validate("Message", answer));
    }

    private static IReadOnlyList<string> Validate(string schema, string value)
    {
        var document = JsonNode.Parse("""{"components":{"schemas":{"Named":{"type":"object","properties":{"kind":{"const":"a"},"n":{"type":"integer"}}}}}}""")!.AsObject();
        document["components"]!["schemas"]!["Tried"] = JsonNode.Parse(schema);
        return new JsonSchemaValidator(document).Validate("Tried", JsonNode.Parse(value));
    }
}
