using Trivet.Core.Users;

namespace Trivet.Tests.Users;

public sealed class PasswordHashTests
{
    private const int Few = 10;

    [Fact]
    public void A_password_matches_its_own_hash_and_no_other()
    {
        var hash = PasswordHash.Make("correct horse battery", Few);

        Assert.True(PasswordHash.Matches("correct horse battery", hash));
        Assert.False(PasswordHash.Matches("correct horse batterz", hash));
        Assert.False(PasswordHash.Matches("", hash));
        Assert.DoesNotContain("horse", hash, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_password_is_never_stored_the_same() => Assert.NotEqual(PasswordHash.Make("twice the same", Few), PasswordHash.Make("twice the same", Few));

    [Fact]
    public void A_hash_made_when_it_cost_less_goes_on_working() => Assert.True(PasswordHash.Matches("old but good", PasswordHash.Make("old but good", iterations: 3)));

    [Theory]
    [InlineData("")]
    [InlineData("password")]
    [InlineData("pbkdf2-sha256$0$AAAA$AAAA")]
    [InlineData("pbkdf2-sha256$10$not base64$AAAA")]
    [InlineData("pbkdf2-sha256$99999999999$AAAAAAAAAAAAAAAAAAAAAA==$AAAA")]
    [InlineData("md5$10$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void What_is_no_hash_lets_nobody_in(string stored) => Assert.False(PasswordHash.Matches("password", stored));
}
