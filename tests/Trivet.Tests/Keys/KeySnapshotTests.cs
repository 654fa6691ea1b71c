using System.Text;
using Trivet.Core.Keys;

namespace Trivet.Tests.Keys;

public sealed class KeySnapshotTests
{
    private const string Secret = "trv_dummy-secret-for-tests";

    [Fact]
    public void A_known_key_is_accepted_as_text_and_as_bytes()
    {
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record("another-dummy"), KeyTestData.Record(Secret, "mine"));

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(Secret, KeyTestData.NowMs, out var byText));
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(Encoding.UTF8.GetBytes(Secret), KeyTestData.NowMs, out var byBytes));
        Assert.Equal("mine", byText!.Name);
        Assert.Same(byText, byBytes);
    }

    [Fact]
    public void The_same_string_is_found_again_and_judged_anew()
    {
        var header = "Bearer " + Secret;
        var presented = header.AsMemory("Bearer ".Length);
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret, "mine") with { ExpiresAtMs = KeyTestData.NowMs });

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(presented, KeyTestData.NowMs - 1, out var first));
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(presented, KeyTestData.NowMs - 1, out var again));
        Assert.Equal("mine", again!.Name);
        Assert.Same(first, again);
        Assert.Equal(KeyVerdict.Expired, snapshot.Authenticate(presented, KeyTestData.NowMs, out var expired));
        Assert.Null(expired);
    }

    [Fact]
    public void The_secret_before_a_rotation_works_for_its_time_also_where_it_was_seen_before()
    {
        var old = KeyTestData.Record("another-dummy").HashHex;
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret, "mine") with { OldHashHex = old, OldUntilMs = KeyTestData.NowMs });
        var presented = "another-dummy".AsMemory();

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(presented, KeyTestData.NowMs - 1, out var entry));
        Assert.Equal("mine", entry!.Name);
        Assert.Equal(KeyVerdict.Expired, snapshot.Authenticate(presented, KeyTestData.NowMs, out _));
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(Secret, KeyTestData.NowMs, out _));
    }

    [Fact]
    public void Another_part_of_the_same_string_is_another_key()
    {
        var header = "Bearer " + Secret;
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret));

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(header.AsMemory(7), KeyTestData.NowMs, out _));
        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(header.AsMemory(), KeyTestData.NowMs, out _));
        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(header.AsMemory(7, Secret.Length - 1), KeyTestData.NowMs, out _));
    }

    [Fact]
    public void What_one_snapshot_accepted_the_next_refuses()
    {
        var presented = new string(Secret).AsMemory();
        Assert.Equal(KeyVerdict.Accepted, KeyTestData.Snapshot(KeyTestData.Record(Secret)).Authenticate(presented, KeyTestData.NowMs, out _));

        var next = KeyTestData.Snapshot(KeyTestData.Record(Secret) with { RevokedAtMs = KeyTestData.NowMs });

        Assert.Equal(KeyVerdict.Revoked, next.Authenticate(presented, KeyTestData.NowMs, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("trv_dummy-secret-for-test")]
    [InlineData("trv_dummy-secret-for-tests ")]
    [InlineData("TRV_DUMMY-SECRET-FOR-TESTS")]
    public void Anything_else_is_unknown(string presented)
    {
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret));

        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(presented, KeyTestData.NowMs, out var entry));
        Assert.Null(entry);
    }

    [Fact]
    public void The_longest_key_is_looked_up_and_a_longer_one_is_refused()
    {
        var longest = new string('\u4E2D', KeySnapshot.PresentedKeyCharsMax);
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(longest), KeyTestData.Record(longest + "x"));

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(longest, KeyTestData.NowMs, out _));
        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(longest + "x", KeyTestData.NowMs, out _));
    }

    [Fact]
    public void The_snapshot_before_the_first_load_refuses_all() =>
        Assert.Equal(KeyVerdict.Unknown, KeySnapshot.Empty.Authenticate(Secret, KeyTestData.NowMs, out _));

    [Fact]
    public void A_revoked_key_is_refused()
    {
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret) with { RevokedAtMs = KeyTestData.NowMs - 1 });

        Assert.Equal(KeyVerdict.Revoked, snapshot.Authenticate(Secret, KeyTestData.NowMs, out var entry));
        Assert.Null(entry);
    }

    [Fact]
    public void A_key_is_good_until_the_millisecond_it_expires()
    {
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret) with { ExpiresAtMs = KeyTestData.NowMs });

        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(Secret, KeyTestData.NowMs - 1, out _));
        Assert.Equal(KeyVerdict.Expired, snapshot.Authenticate(Secret, KeyTestData.NowMs, out _));
    }

    [Fact]
    public void Models_are_allowed_by_name_and_by_pattern()
    {
        var entry = Entry(["claude-*", "gpt-4o", "*/flash"]);

        Assert.True(entry.Allows("claude-sonnet-4"));
        Assert.True(entry.Allows("gpt-4o"));
        Assert.True(entry.Allows("lab/flash"));
        Assert.False(entry.Allows("gpt-4o-mini"));
        Assert.False(entry.Allows("Claude-sonnet-4"));
        Assert.False(entry.Allows(""));
    }

    [Fact]
    public void No_list_allows_every_model_and_an_empty_list_none()
    {
        Assert.True(Entry(null).Allows("anything"));
        Assert.False(Entry([]).Allows("anything"));
    }

    [Fact]
    public void Looking_up_a_key_allocates_nothing()
    {
        var snapshot = KeyTestData.Snapshot([.. Enumerable.Range(0, 100).Select(i => KeyTestData.Record($"dummy-{i}")), KeyTestData.Record(Secret)]);
        LookUp();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = LookUp();
        var allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1000, accepted);
        Assert.Equal(0, allocatedBytes);

        int LookUp()
        {
            var count = 0;
            for (var i = 0; i < 1000; i++)
            {
                if (snapshot.Authenticate(Secret, KeyTestData.NowMs, out var entry) == KeyVerdict.Accepted && entry!.Allows("any-model"))
                    count++;
                if (snapshot.Authenticate("not-a-key-of-ours", KeyTestData.NowMs, out _) == KeyVerdict.Accepted)
                    count++;
            }

            return count;
        }
    }

    private static KeyEntry Entry(IReadOnlyList<string>? models)
    {
        var snapshot = KeyTestData.Snapshot(KeyTestData.Record(Secret) with { AllowedModels = models });
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(Secret, KeyTestData.NowMs, out var entry));
        return entry!;
    }
}
