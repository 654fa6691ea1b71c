using System.Text;
using Trivet.Core.Relay.Continuing;

namespace Trivet.Tests.Failures;

/// <summary>Where a text that goes on is joined to what the client has: no word twice, none lost, and nothing joined that may be about something else.</summary>
public sealed class SeamTests
{
    [Theory]
    [InlineData("We know that the quick brown fox", "the quick brown fox jumps.", " jumps.")]
    [InlineData("We know that the quick brown fox", "brown fox jumps.", " jumps.")]
    [InlineData("We know that the quick brown fo", "quick brown fox jumps.", "x jumps.")] // cut within a word
    [InlineData("We know that the quick brown fox", "We know that the quick brown fox jumps.", " jumps.")] // all of it again
    [InlineData("We know that the quick brown fox", "…brown fox jumps.", " jumps.")]
    [InlineData("We know that the quick brown fox", "\"... the quick brown fox jumps.", " jumps.")]
    [InlineData("We know that the quick brown fox ", "the quick brown fox jumps.", "jumps.")] // the blank is there already
    [InlineData("One thing is sure.\n\n", "thing is sure.\nNext.", "Next.")]
    [InlineData("one two one two", "one two one two three", " three")] // the longest repetition counts
    [InlineData("敏捷的棕色狐狸", "棕色狐狸跳过去", "跳过去")]
    [InlineData("Ja", "Ja, gut.", ", gut.")] // all that there is
    public void A_repetition_is_cut_off_once(string has, string said, string rest) => Assert.Equal(rest, Rest(has, said));

    [Theory]
    [InlineData("We know that the quick brown fox", " jumps over the lazy dog.")]
    [InlineData("We know that the quick brown fox", "Sure! I go on: brown fox jumps.")]
    [InlineData("We know that the quick brown fox", "fox jumps.")] // one word is chance
    [InlineData("He said that the", "the end is near.")]
    [InlineData("We know that the quick brown fox", "")]
    public void Without_a_repetition_nothing_is_joined(string has, string said) => Assert.Null(Rest(has, said));

    [Theory]
    [InlineData("We know that the quick brown fox", " jumps.", " jumps.")]
    [InlineData("We know that the quick brown fox", "We know that the quick brown fox jumps.", " jumps.")]
    [InlineData("| 0 | 0 | 0 | 0 | 0 | 0 |\n| 1 | 0 | 0 | 0 | 0 | 0 |\n", "| 1 | 0 | 0 | 0 | 0 | 0 |\n| 2 |", "| 1 | 0 | 0 | 0 | 0 | 0 |\n| 2 |")] // a line that is there twice
    [InlineData("ha ha ", "ha ha ha", "ha ha ha")]
    [InlineData("We know that the quick brown fox", "", "")]
    public void Going_on_from_its_own_words_a_model_loses_none(string has, string said, string rest) => Assert.Equal(rest, Rest(has, said, isEcho: true));

    // Sign by sign, as the slowest model says it: decided at the same place as all at once.
    private static string? Rest(string has, string said, bool isEcho = false)
    {
        var (client, incoming) = (Encoding.UTF8.GetBytes(has), Encoding.UTF8.GetBytes(said));
        var whole = Find(client, incoming, isEnd: true, isEcho);
        for (var length = 1; length <= incoming.Length; length++)
        {
            var isWithinSign = length < incoming.Length && (incoming[length] & 0xC0) == 0x80;
            var seam = isWithinSign ? Seam.Undecided : Find(client, incoming.AsSpan(0, length), isEnd: false, isEcho);
            if (seam == Seam.Undecided)
                continue;
            Assert.Equal(whole, seam);
            break;
        }

        return whole == Seam.None ? null : Encoding.UTF8.GetString(incoming.AsSpan(whole));
    }

    private static int Find(ReadOnlySpan<byte> has, ReadOnlySpan<byte> incoming, bool isEnd, bool isEcho) => isEcho ? Seam.FindEcho(has, incoming, isEnd) : Seam.Find(has, incoming, isEnd);
}
