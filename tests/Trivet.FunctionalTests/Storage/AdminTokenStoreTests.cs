using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.FunctionalTests.Storage;

public sealed class AdminTokenStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_token_opens_until_it_is_revoked_and_its_secret_is_stored_nowhere(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var tokens = new AdminTokenAdmin((await test.OpenAsync()).AdminTokens, TimeProvider.System);
        var made = (await tokens.CreateAsync("reports", UserRole.Accountant, null, Cancel)).Value;

        Assert.Equal(made.Token, (await tokens.AuthenticateAsync(made.Secret, Cancel)).Value);
        Assert.Equal(made.Token, Assert.Single((await tokens.ListAsync(Cancel)).Value));
        Assert.DoesNotContain(made.Secret[AdminTokenAdmin.SecretPrefix.Length..], made.Token.ToString(), StringComparison.Ordinal);
        Assert.Null((await tokens.AuthenticateAsync(made.Secret + "x", Cancel)).Value);
        Assert.Null((await tokens.AuthenticateAsync(made.Token.HashHex, Cancel)).Value);
        Assert.Equal(StoreFaultKind.Conflict, (await tokens.CreateAsync("reports", UserRole.Viewer, null, Cancel)).Fault?.Kind);

        Assert.NotNull((await tokens.RevokeAsync("reports", Cancel)).Value.RevokedAtMs);
        Assert.Null((await tokens.AuthenticateAsync(made.Secret, Cancel)).Value);
        Assert.True((await tokens.CreateAsync("reports", UserRole.Viewer, null, Cancel)).IsSuccess);
        Assert.Equal(StoreFaultKind.NotFound, (await tokens.RevokeAsync("nobody", Cancel)).Fault?.Kind);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_token_whose_time_is_over_opens_nothing(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var tokens = new AdminTokenAdmin((await test.OpenAsync()).AdminTokens, TimeProvider.System);

        var over = (await tokens.CreateAsync("old", UserRole.Owner, 1, Cancel)).Value;

        Assert.Null((await tokens.AuthenticateAsync(over.Secret, Cancel)).Value);
    }
}
