using Trivet.Core.Failures;
using Trivet.Core.Users;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

public sealed class UserStoreTests(PostgresCluster cluster)
{
    private const long Day = 24 * 60 * 60_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_first_link_makes_an_owner_once_and_there_is_none_where_somebody_has_an_account(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());

        var link = (await admin.InviteFirstAsync(Cancel)).Value!;
        var other = (await admin.InviteFirstAsync(Cancel)).Value!; // a second node starts
        var made = await admin.AcceptAsync(link.Token, " Ada ", "correct horse", Cancel);
        var again = await admin.AcceptAsync(link.Token, "Eve", "correct horse", Cancel);
        var afterwards = await admin.AcceptAsync(other.Token, "Eve", "correct horse", Cancel);

        Assert.Equal(("Ada", UserRole.Owner), (made.Value.Name, made.Value.Role));
        Assert.Equal(StoreFaultKind.NotFound, again.Fault?.Kind);
        Assert.Equal(StoreFaultKind.NotFound, afterwards.Fault?.Kind);
        Assert.Null((await admin.InviteFirstAsync(Cancel)).Value);
        Assert.Equal("Ada", Assert.Single((await admin.ListAsync(Cancel)).Value).Name);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Of_two_who_use_one_link_at_the_same_time_one_gets_the_account(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (one, two) = (Admin(await test.OpenAsync()), Admin(await test.OpenAsync()));
        var link = (await one.InviteAsync(UserRole.Operator, null, Cancel)).Value;

        var both = await Task.WhenAll(one.AcceptAsync(link.Token, "ada", "correct horse", Cancel).AsTask(), two.AcceptAsync(link.Token, "eve", "correct horse", Cancel).AsTask());

        Assert.Single(both, outcome => outcome.IsSuccess);
        Assert.Single((await one.ListAsync(Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_name_is_taken_in_whatever_letters_and_the_link_is_still_good(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        await MakeAsync(admin, "Ada", UserRole.Owner);
        var link = (await admin.InviteAsync(UserRole.Viewer, null, Cancel)).Value;

        Assert.Equal(StoreFaultKind.Conflict, (await admin.AcceptAsync(link.Token, "ADA", "correct horse", Cancel)).Fault?.Kind);
        Assert.Equal(UserRole.Viewer, (await admin.AcceptAsync(link.Token, "Grace", "correct horse", Cancel)).Value.Role);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_feeds_address_is_one_users_until_another_is_made_it_is_taken_away_or_the_user_may_no_longer_sign_in(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        await MakeAsync(admin, "Ada", UserRole.Owner);
        var eve = await MakeAsync(admin, "Eve", UserRole.Viewer);
        Assert.Null((await admin.FeedTokenMadeAsync(eve, Cancel)).Value);

        var first = (await admin.MakeFeedTokenAsync(eve, Cancel)).Value;
        var second = (await admin.MakeFeedTokenAsync(eve, Cancel)).Value;
        Assert.Null((await admin.FindFeedTokenAsync(first, Cancel)).Value);
        Assert.Equal("Eve", (await admin.FindFeedTokenAsync(second, Cancel)).Value?.Name);
        Assert.NotNull((await admin.FeedTokenMadeAsync(eve, Cancel)).Value);

        await admin.RevokeFeedTokenAsync(eve, Cancel);
        Assert.Null((await admin.FindFeedTokenAsync(second, Cancel)).Value);

        var third = (await admin.MakeFeedTokenAsync(eve, Cancel)).Value;
        await admin.SetPasswordAsync(eve, "another password", Cancel);
        Assert.Null((await admin.FindFeedTokenAsync(third, Cancel)).Value);

        var fourth = (await admin.MakeFeedTokenAsync(eve, Cancel)).Value;
        await admin.SetEnabledAsync(eve, false, Cancel);
        Assert.Null((await admin.FindFeedTokenAsync(fourth, Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_session_is_whose_it_is_until_it_is_closed_or_its_user_disabled_or_given_another_password(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        await MakeAsync(admin, "owner", UserRole.Owner);
        var ada = await MakeAsync(admin, "Ada", UserRole.Operator);

        Assert.Null((await admin.SignInAsync("ada", "wrong password", Cancel)).Value);
        Assert.Null((await admin.SignInAsync("nobody", "correct horse", Cancel)).Value);
        var first = (await admin.SignInAsync("ada", "correct horse", Cancel)).Value!;
        var second = (await admin.SignInAsync("ADA", "correct horse", Cancel)).Value!;
        Assert.Equal(ada.Id, (await admin.FindSessionAsync(first, Cancel)).Value?.Id);

        await admin.CloseSessionAsync(first, Cancel);
        Assert.Null((await admin.FindSessionAsync(first, Cancel)).Value);
        Assert.NotNull((await admin.FindSessionAsync(second, Cancel)).Value);

        ada = (await admin.SetPasswordAsync(ada, "another horse", Cancel)).Value;
        Assert.Null((await admin.FindSessionAsync(second, Cancel)).Value);

        var third = (await admin.SignInAsync("ada", "another horse", Cancel)).Value!;
        await admin.SetEnabledAsync(ada, isEnabled: false, Cancel);
        Assert.Null((await admin.FindSessionAsync(third, Cancel)).Value);
        Assert.Null((await admin.SignInAsync("ada", "another horse", Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_last_owner_stays_one(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        var ada = await MakeAsync(admin, "Ada", UserRole.Owner);

        Assert.Equal(StoreFaultKind.Conflict, (await admin.SetRoleAsync(ada, UserRole.Viewer, Cancel)).Fault?.Kind);
        Assert.Equal(StoreFaultKind.Conflict, (await admin.SetEnabledAsync(ada, isEnabled: false, Cancel)).Fault?.Kind);
        await MakeAsync(admin, "Grace", UserRole.Owner);
        Assert.Equal(UserRole.Viewer, (await admin.SetRoleAsync(ada, UserRole.Viewer, Cancel)).Value.Role);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_link_sets_a_lost_password_anew(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        var ada = await MakeAsync(admin, "Ada", UserRole.Owner);
        var session = (await admin.SignInAsync("ada", "correct horse", Cancel)).Value!;

        var link = (await admin.InviteAsync(UserRole.Viewer, ada, Cancel)).Value;
        var same = (await admin.AcceptAsync(link.Token, "", "another horse", Cancel)).Value;

        Assert.Equal((ada.Id, "Ada", UserRole.Owner), (same.Id, same.Name, same.Role));
        Assert.Null((await admin.FindSessionAsync(session, Cancel)).Value);
        Assert.Null((await admin.SignInAsync("ada", "correct horse", Cancel)).Value);
        Assert.NotNull((await admin.SignInAsync("ada", "another horse", Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_link_that_is_a_day_old_and_a_session_of_a_week_are_nobodys(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Users;
        await store.InviteAsync(new UserInvite("hash", UserRole.Owner, NowMs + Day), onlyWithoutUsers: true, Cancel);

        Assert.True((await store.FindInviteAsync("hash", NowMs, Cancel)).IsSuccess);
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindInviteAsync("hash", NowMs + (2 * Day), Cancel)).Fault?.Kind);

        var ada = (await store.AcceptInviteAsync("hash", new UserRecord { Id = "user_1", Name = "Ada", PasswordHash = "", Role = UserRole.Viewer, CreatedAtMs = NowMs }, NowMs, Cancel)).Value;
        await store.OpenSessionAsync(new UserSession("session", ada.Id, NowMs, NowMs + (7 * Day)), Cancel);
        Assert.True((await store.FindSessionAsync("session", NowMs + (6 * Day), Cancel)).IsSuccess);
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindSessionAsync("session", NowMs + (8 * Day), Cancel)).Fault?.Kind);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_form_that_is_sent_twice_is_told_where_the_first_led(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Users;

        Assert.Null((await store.BeginFormAsync("once", NowMs, Cancel)).Value);
        Assert.Equal("", (await store.BeginFormAsync("once", NowMs, Cancel)).Value); // the first is still at it
        await store.EndFormAsync("once", "/console/keys", Cancel);
        Assert.Equal("/console/keys", (await store.BeginFormAsync("once", NowMs, Cancel)).Value);

        Assert.Null((await store.BeginFormAsync("broken", NowMs, Cancel)).Value);
        await store.EndFormAsync("broken", null, Cancel);
        Assert.Null((await store.BeginFormAsync("broken", NowMs, Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_setting_is_the_same_for_all_nodes_and_the_first_default_stands(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (one, two) = ((await test.OpenAsync()).Settings, (await test.OpenAsync()).Settings);

        Assert.Null((await one.FindAsync("theme", Cancel)).Value);
        Assert.Equal("a", (await one.GetOrAddAsync("theme", "a", Cancel)).Value);
        Assert.Equal("a", (await two.GetOrAddAsync("theme", "b", Cancel)).Value);
        await two.SetAsync("theme", "c", "ada", Cancel);
        Assert.Equal("c", (await one.FindAsync("theme", Cancel)).Value);
    }

    private static UserAdmin Admin(Database database) => new(database.Users, TimeProvider.System) { Iterations = 10 };

    private static async Task<UserRecord> MakeAsync(UserAdmin admin, string name, UserRole role)
    {
        var link = (await admin.InviteAsync(role, null, Cancel)).Value;
        return (await admin.AcceptAsync(link.Token, name, "correct horse", Cancel)).Value;
    }
}
