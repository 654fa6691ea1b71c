using Npgsql;
using Trivet.Storage;
using Trivet.Storage.Postgres;

namespace Trivet.Tests.Storage;

public sealed class PostgresUrlTests
{
    [Fact]
    public void Every_part_of_the_url_is_used_and_escapes_are_undone()
    {
        Assert.True(PostgresUrl.TryParse("postgres://us%40er:p%3Ass%2Fw@db.example:6432/my%20db?sslmode=verify-full&Timeout=3", out var settings, out _));

        Assert.Equal("db.example", settings.Host);
        Assert.Equal(6432, settings.Port);
        Assert.Equal("us@er", settings.Username);
        Assert.Equal("p:ss/w", settings.Password);
        Assert.Equal("my db", settings.Database);
        Assert.Equal(SslMode.VerifyFull, settings.SslMode);
        Assert.Equal(3, settings.Timeout);
    }

    [Fact]
    public void A_short_url_has_the_usual_port_and_no_password()
    {
        Assert.True(PostgresUrl.TryParse("postgresql://trivet@[::1]/trivet", out var settings, out _));

        Assert.Equal("::1", settings.Host);
        Assert.Equal(5432, settings.Port);
        Assert.Null(settings.Password);
    }

    [Theory]
    [InlineData("mysql://a:dummy-password@h/db")]
    [InlineData("postgres:///db")]
    [InlineData("postgres://a:dummy-password@h")]
    [InlineData("postgres://a:dummy-password@h/")]
    [InlineData("postgres://a:dummy-password@h/db?nonsense=1")]
    [InlineData("postgres://a:dummy-password@h/db?sslmode=perhaps")]
    [InlineData("Sqlite")]
    public void What_cannot_be_used_is_explained_without_repeating_the_password(string url)
    {
        var mistake = DatabaseOptions.Validate(url);

        Assert.NotNull(mistake);
        Assert.DoesNotContain("dummy-password", mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("dummy-password", new DatabaseOptions(url, "data").ToString(), StringComparison.Ordinal);
    }
}
