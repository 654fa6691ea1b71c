using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Tests.Wire;

public sealed class BodySpliceTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2,"c":3}""", "a", """{"b":2,"c":3}""")]
    [InlineData("""{"a":1,"b":2,"c":3}""", "b,c", """{"a":1}""")]
    [InlineData("""{"a":1,"b":2,"c":3}""", "a,b", """{"c":3}""")]
    [InlineData("""{"a":1,"b":2,"c":3}""", "a,c", """{"b":2}""")]
    [InlineData("""{ "a" : 1 , "b" : 2 }""", "a,b", """{  }""")]
    [InlineData("""{"a":1,"a":2}""", "a", "{}")]
    [InlineData("""{"a":1}""", "z", """{"a":1}""")]
    public void Removed_fields_take_their_commas_with_them(string body, string names, string expected) => Assert.Equal(expected, Apply(body, (splice, bytes, scan) =>
    {
        foreach (var name in names.Split(','))
            splice.Remove(bytes, scan, Encoding.UTF8.GetBytes(name));
    }));

    [Theory]
    [InlineData("""{"model":"a","x":"model"}""", """{"model":"b","x":"model"}""")]
    [InlineData("""{"model":"a","model":"c"}""", """{"model":"b","model":"b"}""")]
    [InlineData("""{"x":1}""", """{"x":1,"model":"b"}""")]
    [InlineData("""{ }""", """{"model":"b" }""")]
    public void The_model_is_replaced_and_nothing_else(string body, string expected) => Assert.Equal(expected, Apply(body, (splice, bytes, scan) => splice.SetModel(bytes, scan, "b")));

    [Theory]
    [InlineData("""{"stream":true}""", """{"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":null,"a":1}""", """{"a":1,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":{},"a":1}""", """{"stream_options":{"include_usage":true},"a":1}""")]
    [InlineData("""{"stream_options":{"include_usage":false,"o":1}}""", """{"stream_options":{"include_usage":true,"o":1}}""")]
    [InlineData("""{"stream_options":{"o":1}}""", """{"stream_options":{"include_usage":true,"o":1}}""")]
    [InlineData("""{"stream_options":{"include_usage":true}}""", """{"stream_options":{"include_usage":true}}""")]
    public void Usage_is_asked_for_and_other_options_stay(string body, string expected) => Assert.Equal(expected, Apply(body, (splice, bytes, scan) => splice.AskForStreamUsage(bytes, scan)));

    [Fact]
    public void Any_edits_together_leave_valid_json_and_every_other_byte()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var names = Enumerable.Range(0, random.Next(0, 7)).Select(i => $"f{i}").ToList();
            var space = random.Next(2) == 0 ? "" : " ";
            var body = "{" + string.Join("," + space, names.Select(n => $"{space}\"{n}\":{space}[\"{n}\"]")) + space + "}";
            var expected = JsonNode.Parse(body)!.AsObject();
            var actual = Apply(body, (splice, bytes, scan) =>
            {
                foreach (var name in names)
                {
                    switch (random.Next(4))
                    {
                        case 0:
                            splice.Remove(bytes, scan, Encoding.UTF8.GetBytes(name));
                            splice.Rename(bytes, scan, Encoding.UTF8.GetBytes(name), "gone"); // inside what is removed: ignored
                            expected.Remove(name);
                            break;
                        case 1:
                            splice.Rename(bytes, scan, Encoding.UTF8.GetBytes(name), name + "x");
                            expected[name + "x"] = expected[name]!.DeepClone();
                            expected.Remove(name);
                            break;
                        case 2 when scan.TryGetField(bytes, Encoding.UTF8.GetBytes(name), out var field):
                            splice.ReplaceValue(field, "7"u8.ToArray());
                            expected[name] = 7;
                            break;
                    }
                }

                if (random.Next(2) == 0)
                {
                    splice.Add("added", "1"u8.ToArray());
                    expected["added"] = 1;
                }
            });
            JsonMeaning.AssertSame(expected, JsonNode.Parse(actual), $"seed {seed}: {body} → {actual}");
        }
    }

    private delegate void Edit(BodySplice splice, ReadOnlySpan<byte> body, RequestScan scan);

    private static string Apply(string body, Edit edit)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = new RequestScan();
        Assert.True(OpenAIChatScan.TryScan(bytes, scan, out var error), error?.Message);
        var splice = new BodySplice();
        edit(splice, bytes, scan);
        var output = new ArrayBufferWriter<byte>();
        splice.WriteTo(bytes, scan, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
