using System.Net;
using Trivet.Core.Failures;
using Trivet.Core.Users;
using Trivet.WebConsole.SignIn;

namespace Trivet.Tests.WebConsole;

public sealed class SignInGateTests
{
    private const string Password = "a right password";

    private readonly ManualTime _time = new();
    private readonly OneUser _store = new();

    [Fact]
    public async Task Whoever_knows_the_password_gets_in_at_once()
    {
        using var gate = Gate();

        var (cookie, wait) = await TryAsync(gate, "10.0.0.1", "Ada", Password);

        Assert.NotNull(cookie.Value);
        Assert.Null(wait);
    }

    [Fact]
    public async Task After_five_failures_even_the_right_password_has_to_wait()
    {
        using var gate = Gate();
        for (var i = 0; i < 5; i++)
            Assert.Null((await TryAsync(gate, "10.0.0.1", "ada", "wrong")).Wait);

        var (cookie, wait) = await TryAsync(gate, "10.0.0.1", "ada", Password);
        Assert.Null(cookie.Value);
        Assert.NotNull(wait);

        _time.Advance(wait.Value + TimeSpan.FromSeconds(1));
        Assert.NotNull((await TryAsync(gate, "10.0.0.1", "ada", Password)).Cookie.Value);
    }

    [Fact]
    public async Task Whoever_fails_at_a_name_on_purpose_keeps_only_themselves_waiting()
    {
        using var gate = Gate();
        for (var i = 0; i < 5; i++)
            await TryAsync(gate, "10.0.0.1", "ada", "wrong");
        Assert.NotNull((await TryAsync(gate, "10.0.0.1", "ADA ", Password)).Wait);

        Assert.NotNull((await TryAsync(gate, "10.0.0.2", "ada", Password)).Cookie.Value);
    }

    [Fact]
    public async Task One_address_that_tries_many_names_waits_and_its_neighbour_does_not()
    {
        using var gate = Gate();
        for (var i = 0; i < 20; i++)
            Assert.Null((await TryAsync(gate, "10.0.0.9", $"nobody{i}", "wrong")).Wait);

        Assert.NotNull((await TryAsync(gate, "10.0.0.9", "somebody else", "wrong")).Wait);
        Assert.Null((await TryAsync(gate, "10.0.0.10", "somebody else", "wrong")).Wait);
    }

    [Fact]
    public async Task Many_addresses_that_guess_at_one_name_wait_as_well_but_not_its_owner_where_they_have_been_before()
    {
        using var gate = Gate();
        Assert.NotNull((await TryAsync(gate, "10.9.9.9", "ada", Password)).Cookie.Value);
        for (var i = 0; i < 50; i++)
            await TryAsync(gate, $"10.0.1.{i}", "ada", "wrong");

        var (_, wait) = await TryAsync(gate, "10.0.2.1", "ada", "wrong");
        Assert.InRange(wait!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.NotNull((await TryAsync(gate, "10.9.9.9", "ada", Password)).Cookie.Value);
        Assert.NotNull((await TryAsync(gate, "10.9.9.8", "ada", Password)).Wait);
    }

    [Fact]
    public async Task An_account_of_ones_own_buys_no_further_guesses_at_another()
    {
        using var gate = Gate();
        for (var i = 0; i < 19; i++)
            await TryAsync(gate, "10.0.0.9", $"nobody{i}", "wrong");
        Assert.NotNull((await TryAsync(gate, "10.0.0.9", "ada", Password)).Cookie.Value);

        Assert.Null((await TryAsync(gate, "10.0.0.9", "nobody20", "wrong")).Wait);
        Assert.NotNull((await TryAsync(gate, "10.0.0.9", "nobody21", "wrong")).Wait);
    }

    [Fact]
    public async Task A_crowd_of_strangers_does_not_stand_in_the_way_of_who_has_been_here_before()
    {
        using var gate = Gate();
        Assert.NotNull((await TryAsync(gate, "10.9.9.9", "ada", Password)).Cookie.Value);
        _store.Asked = new TaskCompletionSource();
        var crowd = Enumerable.Range(0, 40).Select(i => TryAsync(gate, $"10.1.0.{i}", $"nobody{i}", "wrong").AsTask()).ToList();
        var told = await Task.WhenAll(crowd[16..]); // no more than sixteen wait
        Assert.All(told, answer => Assert.NotNull(answer.Wait));

        Assert.NotNull((await TryAsync(gate, "10.9.9.9", "ada", Password)).Cookie.Value);
        Assert.All(crowd[..16], waiting => Assert.False(waiting.IsCompleted));
        _store.Asked.SetResult();
        Assert.All(await Task.WhenAll(crowd[..16]), answer => Assert.Null(answer.Wait));
    }

    [Fact]
    public async Task Addresses_of_one_ipv6_network_are_one_place_and_so_is_an_ipv4_address_written_as_ipv6()
    {
        using var gate = Gate();
        for (var i = 1; i <= 5; i++)
        {
            await TryAsync(gate, $"2001:db8:1:2::{i}", "ada", "wrong");
            await TryAsync(gate, i % 2 == 0 ? "10.0.0.1" : "::ffff:10.0.0.1", "ada", "wrong");
        }

        Assert.NotNull((await TryAsync(gate, "2001:db8:1:2:ffff::1", "ada", Password)).Wait);
        Assert.NotNull((await TryAsync(gate, "10.0.0.1", "ada", Password)).Wait);
        Assert.NotNull((await TryAsync(gate, "2001:db8:1:3::1", "ada", Password)).Cookie.Value);
    }

    [Fact]
    public async Task Each_further_failure_waits_longer_up_to_a_quarter_of_an_hour()
    {
        using var gate = Gate();
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 30; i++)
        {
            if ((await TryAsync(gate, "10.0.0.1", "ada", "wrong")).Wait is not { } wait)
                continue;
            waits.Add(wait);
            _time.Advance(wait);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromMinutes(15), waits[^1]);
    }

    private static ValueTask<(StoreOutcome<string?> Cookie, TimeSpan? Wait)> TryAsync(SignInGate gate, string address, string name, string password) =>
        gate.TryAsync(IPAddress.Parse(address), name, password, TestContext.Current.CancellationToken);

    private SignInGate Gate() => new(new UserAdmin(_store, _time) { Iterations = 10 }, _time);

    private sealed class OneUser : IUserStore
    {
        private readonly UserRecord _ada = new() { Id = "user_1", Name = "Ada", PasswordHash = PasswordHash.Make(Password, 10), Role = UserRole.Owner, CreatedAtMs = 0 };

        /// <summary>Names that are nobody's are looked up until this is set; null: at once.</summary>
        public TaskCompletionSource? Asked { get; set; }

        public async ValueTask<StoreOutcome<UserRecord>> FindAsync(string name, CancellationToken cancellationToken)
        {
            if (name.Equals("ada", StringComparison.OrdinalIgnoreCase))
                return _ada;
            if (Asked is { } asked)
                await asked.Task;
            return new StoreFault(StoreFaultKind.NotFound, "");
        }

        public ValueTask<StoreOutcome<int>> OpenSessionAsync(UserSession session, CancellationToken cancellationToken) => ValueTask.FromResult<StoreOutcome<int>>(1);

        public ValueTask<StoreOutcome<IReadOnlyList<UserRecord>>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> UpdateAsync(UserRecord user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<bool>> InviteAsync(UserInvite invite, bool onlyWithoutUsers, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserInvite>> FindInviteAsync(string hash, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> AcceptInviteAsync(string hash, UserRecord user, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> FindSessionAsync(string hash, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<int>> CloseSessionAsync(string hash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<int>> SetFeedTokenAsync(string userId, string? hash, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<UserRecord>> FindFeedTokenAsync(string hash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<long?>> FeedTokenMadeAsync(string userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<string?>> BeginFormAsync(string token, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<StoreOutcome<int>> EndFormAsync(string token, string? location, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
