using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Relay;

public sealed class RecordTextTests
{
    [Theory]
    [InlineData(10, 10)]
    [InlineData(256, 256)]
    [InlineData(257, 257)] // 256 and an ellipsis
    [InlineData(3_000_000, 257)]
    public void What_somebody_else_chose_is_kept_as_far_as_it_means_something(int length, int kept) =>
        Assert.Equal(kept, RecordText.Cut(new string('m', length)).Length);

    [Fact]
    public void No_pair_of_surrogates_is_cut_in_two()
    {
        var cut = RecordText.Cut(new string('m', 255) + "\uD83D\uDE00" + new string('m', 10));
        Assert.Equal(new string('m', 255) + "…", cut);
    }
}
