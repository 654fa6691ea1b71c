using System.Collections.Concurrent;
using System.Text;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>One agent's task over one upstream.</summary>
/// <param name="Agent">Its name and version.</param>
/// <param name="Protocol">The protocol that it speaks.</param>
/// <param name="Target">What it talked to.</param>
/// <param name="Problem">Why it did not work; null where it did.</param>
internal sealed record AgentLine(string Agent, string Protocol, Target Target, string? Problem);

/// <summary>Which agent worked over which upstream: a table at the end of the run, <c>artifacts/agents.txt</c>, and the same table in <c>docs/clients.md</c>.</summary>
internal sealed class AgentReport
{
    private const string Begin = "<!-- written by the test run -->";
    private const string End = "<!-- end -->";

    private static readonly (Target Target, string Title)[] Columns =
    [
        (Target.Sandbox, "no gateway"), (Target.ViaChat, "openai-chat"), (Target.ViaResponses, "openai-responses"), (Target.ViaMessages, "anthropic-messages"), (Target.ViaGemini, "gemini"),
    ];

    private readonly ConcurrentQueue<AgentLine> _lines = new();

    /// <summary>Notes how a task ends.</summary>
    public async Task NoteAsync(string agent, string protocol, Target target, Func<Task> task)
    {
        try
        {
            await task();
            _lines.Enqueue(new AgentLine(agent, protocol, target, null));
        }
        catch (Exception e)
        {
            _lines.Enqueue(new AgentLine(agent, protocol, target, e.Message.Split('\n')[0]));
            throw;
        }
    }

    /// <summary>Writes the table, where any agent ran; into the docs only when golden files are to be written, and only from a run of all.</summary>
    public void Write()
    {
        if (_lines.IsEmpty)
            return;
        var table = Table();
        Console.Out.Write($"\nAgents, client × upstream\n{table}");
        File.WriteAllText(Path.Combine(Repository.Artifacts, "agents.txt"), table);
        var docs = Path.Combine(Repository.Root, "docs", "clients.md");
        if (Environment.GetEnvironmentVariable("TRIVET_UPDATE_GOLDEN") != "1" || table.Contains("not run", StringComparison.Ordinal) || !File.Exists(docs))
            return;
        var text = File.ReadAllText(docs);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        File.WriteAllText(docs, $"{text[..begin]}\n\n{table}\n{text[end..]}");
    }

    private string Table()
    {
        var table = new StringBuilder($"| client | speaks | {string.Join(" | ", Columns.Select(c => c.Title))} |\n| --- | --- |{string.Concat(Columns.Select(_ => " --- |"))}\n");
        foreach (var agent in _lines.GroupBy(l => (l.Agent, l.Protocol)).OrderBy(g => g.Key))
            table.Append($"| {agent.Key.Agent} | {agent.Key.Protocol} | {string.Join(" | ", Columns.Select(c => Cell([.. agent.Where(l => l.Target == c.Target)])))} |\n");
        return table.ToString();
    }

    private static string Cell(IReadOnlyList<AgentLine> runs) => runs.Count == 0 ? "not run"
        : runs.FirstOrDefault(r => r.Problem is not null) is { } failed ? "no: " + failed.Problem!.Replace('|', '/') : "works";
}
