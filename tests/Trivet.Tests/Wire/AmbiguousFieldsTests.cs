using System.Text;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire;

public sealed class AmbiguousFieldsTests
{
    [Theory]
    [InlineData("""{"model":"a","messages":[],"model":"b"}""", "model")]
    [InlineData("""{"model":"a","MODEL":"b"}""", "model")]
    [InlineData("""{"model":"a","mod\u0065l":"b"}""", @"mod\u0065l")]
    [InlineData("""{"stream":false,"ſtream":true}""", "stream")]
    [InlineData("{\"max_tokens\":1,\"max_to\u212Aens\":9}", "max_tokens")]
    [InlineData("""{"n":1,"N":9}""", "n")]
    public void A_field_that_two_readers_may_read_differently_is_found(string body, string name) => Assert.Equal(name, Find(body));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"model":"a","messages":[{"model":"b","model":"c"}],"max_tokens":1,"max_completion_tokens":2}""")]
    [InlineData("""{"user":"a","user":"b","größe":1,"a_field_with_a_name_of_more_than_thirty-two_bytes_ſ":1}""")]
    [InlineData("""{"models":["a"],"streams":1,"model":"a","stream":true,"ſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſſ":1}""")]
    public void What_nobody_reads_twice_stands(string body) => Assert.Null(Find(body));

    private static string? Find(string body)
    {
        var (bytes, scan) = (Encoding.UTF8.GetBytes(body), new RequestScan());
        Assert.True(OpenAIChatScan.TryScan(bytes, scan, out _));
        return AmbiguousFields.Find(bytes, scan.Fields);
    }
}
