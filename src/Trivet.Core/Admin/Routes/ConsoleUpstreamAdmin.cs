using System.Text.RegularExpressions;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Snapshots.Drafts;

namespace Trivet.Core.Admin.Routes;

/// <summary>
/// Changes upstreams of the console for people, and never without the journal: it has who changed which parts, and nothing of what they say, because an address or a header may hold a secret.
/// </summary>
public sealed partial class ConsoleUpstreamAdmin(ConsoleUpstreams upstreams, SnapshotHolder holder, JournalRecorder journal, TimeProvider time)
{
    /// <summary>One as it is kept; null where there is none.</summary>
    public ConsoleUpstream? Find(string name) => upstreams.States.FirstOrDefault(state => state.Upstream.Name == name)?.Upstream;

    /// <summary>Saves one, with its keys sealed already, and writes down who did.</summary>
    public async ValueTask<StoreOutcome<int>> SaveAsync(ConsoleUpstream upstream, CancellationToken cancellationToken)
    {
        var before = Find(upstream.Name);
        var saved = await upstreams.SaveAsync(upstream, null, holder, cancellationToken);
        if (saved.IsSuccess)
        {
            var parts = Parts(before, upstream);
            var isSwitchedOnly = before is not null && parts.Count == 0 && before.IsDisabled != upstream.IsDisabled;
            var what = before is null ? "made" : !isSwitchedOnly ? "changed" : upstream.IsDisabled ? "switched off" : "switched on";
            journal.Record(JournalEvents.UpstreamChanged(upstream.Name, what, upstream.SetBy, NowMs) with { Text = parts.Count == 0 ? "" : $"Set: {string.Join(", ", parts)}." });
        }

        return saved;
    }

    /// <summary>Removes one, and writes down who did.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(string name, string by, CancellationToken cancellationToken)
    {
        var deleted = await upstreams.DeleteAsync(name, holder, cancellationToken);
        if (deleted is { IsSuccess: true, Value: true })
            journal.Record(JournalEvents.UpstreamChanged(name, "removed", by, NowMs));
        return deleted;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static List<string> Parts(ConsoleUpstream? before, ConsoleUpstream after)
    {
        var (old, now) = (Blocks(before?.Definition ?? ""), Blocks(after.Definition));
        var parts = old.Keys.Union(now.Keys, StringComparer.Ordinal).Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToList();
        if (parts.Count == 0 && before?.Definition.ReplaceLineEndings("\n") != after.Definition.ReplaceLineEndings("\n"))
            parts.Add("its definition"); // not written line by line
        if (!(before?.SealedKeys ?? []).SequenceEqual(after.SealedKeys, StringComparer.Ordinal))
            parts.Add(after.SealedKeys.Count == 1 ? "one key" : $"{after.SealedKeys.Count} keys");
        return parts;
    }

    // What stands below each key of the configuration file; what is no such key is not repeated.
    private static Dictionary<string, string> Blocks(string definition)
    {
        var blocks = new Dictionary<string, string>(StringComparer.Ordinal);
        var key = "";
        foreach (var line in definition.ReplaceLineEndings("\n").Split('\n'))
        {
            if (TopKey().Match(line) is { Success: true } found && ConfigShape.UpstreamKeyNames.Contains(found.Value))
                key = found.Value;
            if (key.Length > 0)
                blocks[key] = blocks.GetValueOrDefault(key, "") + line.TrimEnd() + "\n";
        }

        return blocks;
    }

    [GeneratedRegex("^[a-z_]+(?=:)")]
    private static partial Regex TopKey();
}
