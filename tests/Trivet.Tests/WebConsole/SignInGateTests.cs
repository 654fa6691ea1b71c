using Trivet.Core.Failures;
using Trivet.Core.Users;
using Trivet.WebConsole.SignIn;

namespace Trivet.Tests.WebConsole;

public sealed class SignInGateTests
{
    private const string Password = "a right password";

    private readonly ManualTime _time = new();
    private readonly OneUser _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_knows_the_password_gets_in_at_once()
    {
        using var gate = Gate();

        var (cookie, wait) = await gate.TryAsync("10.0.0.1", "Ada", Password, Cancel);

        Assert.NotNull(cookie.Value);
        Assert.Null(wait);
    }

    [Fact]
    public async Task After_five_failures_even_the_right_password_has_to_wait()
    {
        using var gate = Gate();
        for (var i = 0; i < 5; i++)
            Assert.Null((await gate.TryAsync("10.0.0.1", "ada", "wrong", Cancel)).Wait);

        var (cookie, wait) = await gate.TryAsync("10.0.0.1", "ada", Password, Cancel);
        Assert.Null(cookie.Value);
        Assert.NotNull(wait);

        _time.Advance(wait.Value + TimeSpan.FromSeconds(1));
        Assert.NotNull((await gate.TryAsync("10.0.0.1", "ada", Password, Cancel)).Cookie.Value);
    }

    [Fact]
    public async Task Many_addresses_that_guess_at_one_name_wait_as_well_and_so_does_one_address_with_many_names()
    {
        using var gate = Gate();
        for (var i = 0; i < 5; i++)
        {
            await gate.TryAsync($"10.0.1.{i}", "ada", "wrong", Cancel);
            await gate.TryAsync("10.0.0.9", $"nobody{i}", "wrong", Cancel);
        }

        Assert.NotNull((await gate.TryAsync("10.0.1.77", "ADA", "wrong", Cancel)).Wait);
        Assert.NotNull((await gate.TryAsync("10.0.0.9", "somebody else", "wrong", Cancel)).Wait);
        Assert.Null((await gate.TryAsync("10.0.0.10", "somebody else", "wrong", Cancel)).Wait);
    }

    [Fact]
    public async Task Each_further_failure_waits_longer_up_to_a_quarter_of_an_hour()
    {
        using var gate = Gate();
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 30; i++)
        {
            if ((await gate.TryAsync("10.0.0.1", "ada", "wrong", Cancel)).Wait is not { } wait)
                continue;
            waits.Add(wait);
            _time.Advance(wait);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromMinutes(15), waits[^1]);
    }

    private SignInGate Gate() => new(new UserAdmin(_store, _time) { Iterations = 10 }, _time);

    private sealed class OneUser : IUserStore
    {
        private readonly UserRecord _ada = new() { Id = "user_1", Name = "Ada", PasswordHash = PasswordHash.Make(Password, 10), Role = UserRole.Owner, CreatedAtMs = 0 };

        public ValueTask<StoreOutcome<UserRecord>> FindAsync(string name, CancellationToken cancellationToken) =>
            ValueTask.FromResult<StoreOutcome<UserRecord>>(name.Equals("ada", StringComparison.OrdinalIgnoreCase) ? _ada : new StoreFault(StoreFaultKind.NotFound, ""));

        public ValueTask<StoreOutcome<int>> OpenSessionAsync(UserSession session, CancellationToken cancellationToken) => ValueTask.FromResult<StoreOutcome<int>>(1);

        public ValueTask<StoreOutcome<IReadOnlyList<UserRecord>>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> UpdateAsync(UserRecord user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<bool>> InviteAsync(UserInvite invite, bool onlyWithoutUsers, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserInvite>> FindInviteAsync(string hash, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> AcceptInviteAsync(string hash, UserRecord user, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> FindSessionAsync(string hash, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<int>> CloseSessionAsync(string hash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<string?>> BeginFormAsync(string token, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<int>> EndFormAsync(string token, string? location, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
