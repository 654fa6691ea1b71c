using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Tests.Wire;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Relay;

/// <summary>What vendors' profiles make of a Responses request.</summary>
public sealed class OpenAIResponsesFormatTests
{
    private static readonly IWireFormat Format = WireFormats.For(Protocol.OpenAIResponses);

    private const string Body = """
        {"model":"m","temperature":0.5,"input":[
          {"role":"developer","content":"d"},{"role":"user","content":"q"},
          {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},
          {"type":"custom_tool_call","call_id":"a","name":"patch","input":"p"},{"type":"custom_tool_call_output","call_id":"a","output":"ok"}],
         "tools":[{"type":"custom","name":"patch"},{"type":"namespace","name":"mcp","description":"d","tools":[{"type":"function","name":"read","parameters":{}}]}]}
        """;

    [Theory]
    [InlineData("openai", "gpt-5", true, false)]
    [InlineData("openai", "gpt-4o", false, true)]
    [InlineData("deepseek", "deepseek-v4-pro", false, true)]
    [InlineData("xai", "grok-4.7", true, true)]
    [InlineData("custom", "m", true, true)]
    [InlineData("custom", "gpt-4.1", false, true)]
    public void Encrypted_thoughts_are_asked_of_models_that_have_them_and_sampling_of_those_that_take_it(string vendor, string model, bool isEncrypted, bool takesSampling)
    {
        var body = Written(vendor, model);
        Assert.Equal(isEncrypted, body["include"] is not null);
        Assert.Equal(takesSampling, body["temperature"] is not null);
        Assert.False(body["store"]!.GetValue<bool>());
    }

    [Fact]
    public void Only_its_owner_is_offered_what_it_alone_has()
    {
        Assert.Equal(["custom", "namespace"], Written("openai", "gpt-5")["tools"]!.AsArray().Select(tool => tool!["type"]!.GetValue<string>()));
        var elsewhere = Written("vllm", "m");
        Assert.Equal(["function patch", "function mcp__read"], elsewhere["tools"]!.AsArray().Select(tool => $"{tool!["type"]} {tool["name"]}"));
        Assert.Equal(["function_call", "function_call_output"], elsewhere["input"]!.AsArray().Select(item => item!["type"]!.GetValue<string>()).Where(type => type.StartsWith("function", StringComparison.Ordinal)));
    }

    [Fact]
    public void Thoughts_as_text_go_to_vendors_that_want_them()
    {
        Assert.Contains("reasoning_text", Written("deepseek", "deepseek-v4-pro").ToJsonString());
        Assert.DoesNotContain("reasoning_text", Written("openai", "gpt-5").ToJsonString());
    }

    [Fact]
    public void A_developers_words_are_systems_where_the_role_is_not_known()
    {
        Assert.Equal("developer", Written("openai", "gpt-5")["input"]![0]!["role"]!.GetValue<string>());
        Assert.Equal("system", Written("deepseek", "deepseek-v4-pro")["input"]![0]!["role"]!.GetValue<string>());
    }

    [Fact]
    public void What_passes_through_loses_what_the_vendor_refuses_and_thoughts_of_others()
    {
        var mark = ForeignSignature.Make("deepseek");
        var body = Encoding.UTF8.GetBytes($$"""{"model":"groq/m","store":false,"input":[{"type":"reasoning","summary":[],"encrypted_content":"{{mark}}"},{"role":"user","content":"q"}],"include":["reasoning.encrypted_content"]}""");
        var scan = new RequestScan();
        Assert.True(Format.TryScan(body, scan, out _));
        var edits = new PassThroughEdits();
        Format.CollectEdits(body, scan, At("groq", "m"), edits);
        var output = new ArrayBufferWriter<byte>();
        edits.Apply(body, output);
        JsonMeaning.AssertSame(JsonNode.Parse("""{"model":"m","input":[{"role":"user","content":"q"}]}"""), JsonNode.Parse(output.WrittenSpan), "body");
        Assert.Equal(["store", "include"], edits.Lost);
    }

    private static JsonObject Written(string vendor, string model)
    {
        Assert.True(Format.TryReadRequest(Encoding.UTF8.GetBytes(Body), out var request, out var error), error?.Message);
        var output = new ArrayBufferWriter<byte>();
        Format.WriteRequest(request!, At(vendor, model), output, new LossList());
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    private static Offering At(string vendor, string model) => new(new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get(vendor), Endpoints = [] }, model);
}
