using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Tests.Journal;

namespace Trivet.Tests.Keys;

public sealed class KeyAdminTests
{
    private readonly FakeKeyStore _store = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private KeyAdmin Admin => new(_store, new MemoryJournal(), _time);

    [Fact]
    public async Task A_created_key_opens_the_gateway_and_is_stored_only_as_a_hash()
    {
        var created = (await Admin.CreateAsync(new KeyRequest { Name = "laptop", Budgets = [new Budget(1, "USD", BudgetWindow.Day)] }, Cancel)).Value;

        var snapshot = KeyTestData.Snapshot([.. _store.Keys]);
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(created.Secret, _time.NowMs, out var entry));
        Assert.Equal(created.Record.Id, entry!.Id);
        Assert.DoesNotContain(created.Secret, _store.Keys[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(created.Secret[^4..], _store.Keys[0].Hint);
        Assert.Equal(_time.NowMs, _store.Keys[0].CreatedAtMs);
    }

    [Fact]
    public async Task Printing_a_created_key_does_not_print_the_key()
    {
        var created = (await Admin.CreateAsync(new KeyRequest { Name = "laptop" }, Cancel)).Value;

        Assert.DoesNotContain(created.Secret, $"{created}", StringComparison.Ordinal);
        Assert.Contains(created.Record.Id, $"{created}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_start_takes_the_key_the_operator_gives()
    {
        var first = (await Admin.EnsureFirstAsync("given-by-me", Cancel)).Value;

        Assert.Equal("given-by-me", first!.Secret);
        Assert.True(first.Record.IsAdmin);
        Assert.Equal("", first.Record.Hint);
        Assert.Equal(KeyVerdict.Accepted, KeyTestData.Snapshot([.. _store.Keys]).Authenticate("given-by-me", _time.NowMs, out _));
    }

    [Fact]
    public async Task The_first_start_makes_a_random_key_when_none_is_given()
    {
        var first = (await Admin.EnsureFirstAsync(null, Cancel)).Value;

        Assert.StartsWith(KeyGenerator.SecretPrefix, first!.Secret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_start_makes_no_key()
    {
        await Admin.EnsureFirstAsync(null, Cancel);

        Assert.Null((await Admin.EnsureFirstAsync("given-by-me", Cancel)).Value);
        Assert.Single(_store.Keys);
    }

    [Fact]
    public async Task A_given_key_that_is_too_short_is_refused_without_repeating_it()
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(async () => await Admin.EnsureFirstAsync("sevench", Cancel));

        Assert.DoesNotContain("sevench", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Keys);
    }

    [Fact]
    public void Generated_keys_have_one_form_and_differ()
    {
        var secrets = Enumerable.Range(0, 200).Select(_ => KeyGenerator.NewSecret()).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(200, secrets.Count);
        Assert.All(secrets, secret => Assert.Matches("^trv_[0-9A-Za-z]{43}$", secret));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Matches("^key_[0-9A-Za-z]{16}$", KeyGenerator.NewId()));
    }
}
