using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Every exchange that was replayed, and whether what came out was equal: a table at the end of the run and <c>artifacts/replay.json</c>.</summary>
internal sealed class ReplayReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly ConcurrentQueue<ReplayLine> _lines = new();

    /// <summary>Notes one case; <paramref name="problems"/> is empty where it was equal.</summary>
    public void Add(string what, string upstream, string client, string mode, string exchange, IReadOnlyList<string> problems) =>
        _lines.Enqueue(new ReplayLine(what, upstream, client, mode, exchange, problems));

    /// <summary>Writes both forms, where anything was replayed.</summary>
    public void Write()
    {
        if (_lines.IsEmpty)
            return;
        var lines = _lines.OrderBy(l => (l.What, l.Upstream, l.Client, l.Mode, l.Exchange)).ToList();
        File.WriteAllText(Path.Combine(Repository.Artifacts, "replay.json"), JsonSerializer.Serialize(lines, Json));
        var table = new StringBuilder("\nReplay: equal of all\n");
        foreach (var group in lines.GroupBy(l => (l.What, l.Upstream, l.Client, l.Mode)))
            table.Append($"  {group.Key.What,-9} {group.Key.Upstream,-18} → {group.Key.Client,-18} {group.Key.Mode,-18} {group.Count(l => l.Problems.Count == 0),4} of {group.Count(),4}\n");
        table.Append($"  all {lines.Count(l => l.Problems.Count == 0)} of {lines.Count}\n");
        foreach (var line in lines.Where(l => l.Problems.Count > 0))
            table.Append($"  NOT EQUAL {line.Exchange} → {line.Client} {line.Mode}: {string.Join("; ", line.Problems)}\n");
        Console.Out.Write(table);
        File.WriteAllText(Path.Combine(Repository.Artifacts, "replay.txt"), table.ToString());
    }

    private sealed record ReplayLine(string What, string Upstream, string Client, string Mode, string Exchange, IReadOnlyList<string> Problems);
}
