using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.Json;

public sealed class JsonSchemaCheckTests
{
    private const string Person = """
        {"type":"object","required":["name","age"],"additionalProperties":false,"$defs":{"tag":{"type":"string","enum":["a","b"]}},
         "properties":{"name":{"type":"string","minLength":1,"pattern":"^[A-Z]"},"age":{"type":["integer","null"],"minimum":0,"exclusiveMaximum":150},
                       "tags":{"type":"array","items":{"$ref":"#/$defs/tag"},"maxItems":2},"at":{"anyOf":[{"type":"string"},{"type":"object","required":["x"]}]}}}
        """;

    [Theory]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""", "{}")]
    [InlineData("""{"items":{"$ref":"#"},"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}""", "[[],[]]")]
    public void A_schema_that_branches_into_itself_without_end_ends_and_accuses_nobody(string schema, string json) => Assert.Null(Fault(schema, json));

    [Theory]
    [InlineData("""{"name":"Ada","age":36}""")]
    [InlineData("""{"name":"Ada","age":null,"tags":["a","b"],"at":{"x":1}}""")]
    [InlineData("""  {"age":3.0,"name":"Ada"}  """)]
    public void What_fits_passes(string json) => Assert.Null(Fault(Person, json));

    [Theory]
    [InlineData("""{"name":"Ada"}""", "'age'")]
    [InlineData("""{"name":"ada","age":1}""", "$.name does not match")]
    [InlineData("""{"name":"Ada","age":"36"}""", "$.age is string and must be integer or null")]
    [InlineData("""{"name":"Ada","age":1.5}""", "$.age")]
    [InlineData("""{"name":"Ada","age":150}""", "out of bounds")]
    [InlineData("""{"name":"Ada","age":1,"tags":["c"]}""", "$.tags[0]")]
    [InlineData("""{"name":"Ada","age":1,"tags":["a","a","a"]}""", "3 items")]
    [InlineData("""{"name":"Ada","age":1,"at":{}}""", "$.at has no 'x'")]
    [InlineData("""{"name":"Ada","age":1,"more":2}""", "'more'")]
    [InlineData("""[]""", "$ is array and must be object")]
    [InlineData("```json\n{\"name\":\"Ada\",\"age\":1}\n```", "not one JSON value")]
    [InlineData("""{"name":"Ada","age":1} and so on""", "not one JSON value")]
    [InlineData("", "not one JSON value")]
    public void What_does_not_is_told_with_its_place(string json, string fault) => Assert.Contains(fault, Fault(Person, json), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}""", """{"a":null}""")] // Gemini's words
    [InlineData("""{"$ref":"https://example.com/elsewhere"}""", "1")]
    [InlineData("""{"$ref":"#"}""", "1")]
    [InlineData("""{"type":"string","pattern":"(?<unclosed"}""", "\"a\"")]
    [InlineData("""{"type":"string","pattern":"^(a+)+$"}""", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"")]
    [InlineData("""{"dependentRequired":{"a":["b"]},"format":"date","somethingNew":7}""", """{"a":1}""")]
    [InlineData("not a schema", "1")]
    public void What_is_not_known_lets_a_value_pass(string schema, string json) => Assert.Null(Fault(schema, json));

    [Theory]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "1", "exclude each other")]
    [InlineData("""{"not":{"type":"null"}}""", "null", "must not be")]
    [InlineData("""{"allOf":[{"minimum":2},{"multipleOf":0.5}]}""", "2.25", "multiple of 0.5")]
    [InlineData("""{"const":{"a":[1]}}""", """{"a":[2]}""", "must be")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", """["a",1]""", "$[1]")]
    [InlineData("""{"additionalProperties":{"type":"integer"}}""", """{"a":"b"}""", "$.a")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "2 letters")]
    public void Other_words_are_known_as_well(string schema, string json, string fault) => Assert.Contains(fault, Fault(schema, json), StringComparison.Ordinal);

    private static string? Fault(string schema, string json) => JsonSchemaCheck.Fault(Encoding.UTF8.GetBytes(schema), Encoding.UTF8.GetBytes(json));
}
