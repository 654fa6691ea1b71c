using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.Canonical;

public sealed class ForeignSignatureTests
{
    private static readonly ForeignMark Full = new("openai")
    {
        Protocol = Protocol.OpenAIResponses,
        Encrypted = "gAAAAAB+/=",
        Signature = "EqQB\"\\",
        ThoughtSignature = "CiQB",
        Id = "rs_1",
        IsRedacted = true,
    };

    [Fact]
    public void What_a_mark_carries_comes_back_whole()
    {
        Assert.True(ForeignSignature.TryRead(ForeignSignature.Make(Full), out var read));
        Assert.Equal((Full.Origin, Full.Protocol, Full.IsRedacted), (read!.Origin, read.Protocol, read.IsRedacted));
        Assert.Equal([Full.Encrypted, Full.Signature, Full.ThoughtSignature, Full.Id], [read.Encrypted, read.Signature, read.ThoughtSignature, read.Id]);
        Assert.True(read.HasPayload);
    }

    [Fact]
    public void A_mark_of_the_vendor_alone_carries_nothing()
    {
        Assert.True(ForeignSignature.TryRead(ForeignSignature.Make("deepseek"), out var read));
        Assert.Equal(("deepseek", false, null), (read!.Origin, read.HasPayload, read.Protocol));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    public void A_mark_is_standard_base64_and_survives_being_decoded_and_encoded_again(string origin)
    {
        var mark = ForeignSignature.Make(Full with { Origin = origin });
        Assert.Equal(mark, Convert.ToBase64String(Convert.FromBase64String(mark)));
        Assert.True(ForeignSignature.TryRead(mark.Replace('+', '-').Replace('/', '_').TrimEnd('='), out var read));
        Assert.Equal(origin, read!.Origin);
    }

    [Fact]
    public void A_payload_too_large_for_a_mark_stays_out_and_the_vendor_is_still_named()
    {
        var mark = ForeignSignature.Make(Full with { Encrypted = new string('x', ForeignSignature.BytesMax) });
        Assert.Equal(ForeignSignature.Make("openai"), mark);
    }

    [Theory]
    [InlineData("EqQBCkYIBxgC")]
    [InlineData("")]
    [InlineData("trivetV1")]
    [InlineData("trivetV1!!!!")]
    [InlineData("trivetV1eyJ2Ijoi")]
    [InlineData("trivetV1bnVsbA==")]
    [InlineData("trivetV1eyJ2IjoxfQ==")]
    public void What_is_no_mark_or_was_spoilt_reads_as_none(string value) => Assert.False(ForeignSignature.TryRead(value, out _));

    [Fact]
    public void A_mark_is_recognised_in_its_wire_token_and_in_its_text()
    {
        var mark = ForeignSignature.Make("x");
        Assert.True(ForeignSignature.IsForeign(mark));
        Assert.True(ForeignSignature.IsForeign(Encoding.UTF8.GetBytes(mark)));
        Assert.True(ForeignSignature.IsForeign(Trivet.Wire.Json.JsonText.FromToken(Encoding.UTF8.GetBytes($"\"{mark}\""))));
        Assert.False(ForeignSignature.IsForeign("EqQB"));
    }
}
