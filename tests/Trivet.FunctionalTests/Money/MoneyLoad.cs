using System.Collections.Concurrent;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Money;

/// <summary>What a client got. Status 0: no answer at all.</summary>
/// <param name="Phase">Of the load, when it asked.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The error's code; empty for success.</param>
/// <param name="HasRetryAfter">It was told when to come again.</param>
internal sealed record MoneyAnswer(string Phase, int Status, string Code, bool HasRetryAfter);

/// <summary>Clients with one key that ask all nodes again and again, each time for a model of its own.</summary>
internal sealed class MoneyLoad
{
    /// <summary>Who is refused comes again, and not at once.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<MoneyAnswer> _answers = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task[] _clients;
    private volatile string _phase = "";

    public MoneyLoad(IReadOnlyList<Uri> nodes, string key, string name, int clientsPerNode, TimeSpan pause)
    {
        _clients = [.. from node in Enumerable.Range(0, nodes.Count) from client in Enumerable.Range(0, clientsPerNode) select AskAsync(nodes[node], key, $"{name}-{node}-{client}", pause)];
    }

    /// <summary>What answers are noted under from now on.</summary>
    public string Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public IReadOnlyList<MoneyAnswer> Of(string phase) => [.. _answers.Where(answer => answer.Phase == phase)];

    public IReadOnlyList<MoneyAnswer> All => [.. _answers];

    /// <summary>For messages.</summary>
    public string Count(string phase) => string.Join(", ", Of(phase).GroupBy(answer => (answer.Status, answer.Code)).Select(group => $"{group.Key.Status} {group.Key.Code}: {group.Count()}"));

    /// <summary>Lets what runs end.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
    }

    private async Task AskAsync(Uri node, string key, string name, TimeSpan pause)
    {
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var answer = await AskAsync(node, key, $"lab/any-{name}-{i}", _phase);
            _answers.Enqueue(answer);
            if (answer.Status != 200 || pause > TimeSpan.Zero)
                await Task.Delay(pause > RefusedPause ? pause : RefusedPause, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<MoneyAnswer> AskAsync(Uri node, string key, string model, string phase)
    {
        try
        {
            using var answer = await MoneyLab.AskAsync(node, key, MoneyLab.Chat(model));
            var body = answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return new MoneyAnswer(phase, (int)answer.StatusCode, body.Length == 0 ? "" : JsonDocument.Parse(body).RootElement.At("error").Text("code"), answer.Headers.RetryAfter is not null);
        }
        catch (HttpRequestException failure)
        {
            return new MoneyAnswer(phase, 0, failure.Message, false);
        }
    }
}
