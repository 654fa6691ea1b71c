using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Snapshots;

public sealed class ConsoleUpstreamsTests : IDisposable
{
    private const string Definition = "vendor: custom\nendpoints: { openai-chat: 'http://127.0.0.1:9/v1' }\nmodels: [one, two]";

    private readonly string _folder = Directory.CreateTempSubdirectory("trivet-console-").FullName;
    private readonly SecretBox _box;
    private readonly Kept _store = new();
    private readonly SnapshotHolder _holder = new(GatewaySnapshot.Compile(new GatewayConfig()));
    private readonly ConsoleUpstreams _upstreams;

    public ConsoleUpstreamsTests()
    {
        _box = SecretBox.Open(_folder);
        _upstreams = new ConsoleUpstreams(_store, _box, new ManualTime());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _box.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_that_is_saved_is_in_force_with_its_keys_which_are_stored_sealed()
    {
        var saved = await _upstreams.SaveAsync(new ConsoleUpstream { Name = "extra", Definition = Definition }, ["sk-one", "sk-two"], _holder, Cancel);

        Assert.True(saved.IsSuccess);
        Assert.True(_holder.Current.TryGetUpstream("extra", out var upstream));
        Assert.Equal(["sk-one", "sk-two"], upstream.Credentials.Select(credential => credential.Key.Reveal()));
        Assert.Equal(["one", "two"], upstream.Models);
        Assert.True(upstream.IsOfConsole);
        Assert.DoesNotContain(_store.All[0].SealedKeys, key => key.Contains("sk-", StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(key)).Contains("sk-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_file_wins_where_both_have_a_name_and_the_other_comes_back_when_the_file_no_longer_has_it()
    {
        await _upstreams.SaveAsync(new ConsoleUpstream { Name = "extra", Definition = Definition }, ["sk-any"], _holder, Cancel);
        var file = ConfigReader.Read("upstreams:\n  - name: extra\n    vendor: custom\n    keys: [dummy]\n    endpoints: { openai-chat: 'http://127.0.0.1:8/v1' }\n    models: [filed]", new ConfigSource((string?)null), _ => null).Config!;

        var merged = _upstreams.Merge(file);
        Assert.Equal(["filed"], Assert.Single(merged.Upstreams).Models);
        Assert.True(Assert.Single(_upstreams.States).IsShadowed);

        var again = _upstreams.Merge(merged with { Upstreams = [] });
        Assert.Equal(["one", "two"], Assert.Single(again.Upstreams).Models);
        Assert.Single(_upstreams.Merge(again).Upstreams); // and is there once, however often it is merged
    }

    [Fact]
    public async Task One_that_cannot_be_read_is_left_out_and_told()
    {
        await _upstreams.SaveAsync(new ConsoleUpstream { Name = "good", Definition = Definition }, ["sk-any"], _holder, Cancel);
        await _upstreams.SaveAsync(new ConsoleUpstream { Name = "bad", Definition = "vendor: custom\nnonsense: 1" }, ["sk-any"], _holder, Cancel);

        Assert.True(_holder.Current.TryGetUpstream("good", out _));
        Assert.False(_holder.Current.TryGetUpstream("bad", out _));
        Assert.Contains(_upstreams.States.Single(state => state.Upstream.Name == "bad").Problems, problem => problem.Contains("nonsense", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x'\n    keys: ['stolen']\n  - name: 'y")]
    [InlineData("a: b")]
    [InlineData("'")]
    public void A_name_is_a_name_and_not_configuration(string name)
    {
        var upstream = new ConsoleUpstream { Name = name, Definition = Definition };

        Assert.True(_upstreams.Check(upstream).Count > 0 || name == "a: b");
    }

    [Fact]
    public void A_definition_sees_no_variable_of_the_servers_environment()
    {
        var problems = _upstreams.Check(new ConsoleUpstream { Name = "thief", Definition = "vendor: custom\nendpoints: { openai-chat: 'http://127.0.0.1:9/${PATH}' }\nmodels: [one]" });

        Assert.Contains(problems, problem => problem.Contains("PATH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ca_file: /etc/hosts")]
    [InlineData("\"ca\\u005ffile\": /nowhere/at/all")]
    public void However_it_is_spelled_a_definition_names_no_file_of_the_server(string line) =>
        Assert.EndsWith("ca_file names a file of the server: only the configuration file may.", Assert.Single(_upstreams.Check(new ConsoleUpstream { Name = "x", Definition = $"{Definition}\nauth: none\n{line}" })), StringComparison.Ordinal);

    [Fact]
    public async Task Keys_of_another_data_directory_are_not_opened_and_it_says_so()
    {
        await _upstreams.SaveAsync(new ConsoleUpstream { Name = "extra", Definition = Definition }, ["sk-one"], _holder, Cancel);
        var elsewhere = Directory.CreateTempSubdirectory("trivet-console-").FullName;
        using var other = SecretBox.Open(elsewhere);

        var state = new ConsoleUpstreams(_store, other, new ManualTime());
        await state.StartAsync(_holder, Cancel);

        Assert.Contains("secret.key", Assert.Single(Assert.Single(state.States).Problems), StringComparison.Ordinal);
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public async Task One_that_is_switched_off_is_kept_and_asked_nothing_and_one_that_is_removed_is_gone()
    {
        await _upstreams.SaveAsync(new ConsoleUpstream { Name = "extra", Definition = Definition, IsDisabled = true }, ["sk-any"], _holder, Cancel);
        Assert.True(_holder.Current.TryGetUpstream("extra", out var off));
        Assert.False(off.Enabled);

        await _upstreams.DeleteAsync("extra", _holder, Cancel);
        Assert.False(_holder.Current.TryGetUpstream("extra", out _));
    }

    internal sealed class Kept : IConsoleUpstreamStore
    {
        private long _version;

        public List<ConsoleUpstream> All { get; } = [];

        public ValueTask<StoreOutcome<ConsoleUpstreamSet>> LoadAsync(CancellationToken cancellationToken) => ValueTask.FromResult<StoreOutcome<ConsoleUpstreamSet>>(new ConsoleUpstreamSet(_version, [.. All]));

        public ValueTask<StoreOutcome<int>> SaveAsync(ConsoleUpstream upstream, CancellationToken cancellationToken)
        {
            All.RemoveAll(known => known.Name == upstream.Name);
            All.Add(upstream);
            _version++;
            return ValueTask.FromResult<StoreOutcome<int>>(1);
        }

        public ValueTask<StoreOutcome<bool>> DeleteAsync(string name, CancellationToken cancellationToken)
        {
            _version++;
            return ValueTask.FromResult<StoreOutcome<bool>>(All.RemoveAll(known => known.Name == name) > 0);
        }

        public ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
