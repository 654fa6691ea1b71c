using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance;

/// <summary>Tries what a real model can be expected to do, one request after the other, until all is tried or the budget is spent.</summary>
/// <param name="ends">The gateway.</param>
/// <param name="model">The model as the upstream calls it.</param>
/// <param name="budget">The most that it may cost, in units of its currency.</param>
internal sealed class LiveRun(Ends ends, string model, decimal budget) : IDisposable
{
    private readonly Caller _caller = new(ends);
    private readonly Dictionary<Feature, decimal> _wholeCosts = [];
    private decimal _dearest;

    /// <summary>What it has cost so far. A streamed answer does not tell its cost; it is taken to cost what its whole twin did.</summary>
    public decimal Spent { get; private set; }

    /// <summary>Why the run ended early; null where it did not.</summary>
    public string? Ended { get; private set; }

    public async Task<IReadOnlyList<CellResult>> RunAsync(IReadOnlyList<Cell> cells, CancellationToken stopping)
    {
        var results = new List<CellResult>();
        foreach (var cell in cells)
        {
            if (Spent + _dearest > budget)
                Ended = string.Create(CultureInfo.InvariantCulture, $"The budget is spent: {Spent:0.######} of {budget:0.######}.");
            if (Ended is not null)
                break;
            results.Add(new CellResult(cell, await TryAsync(cell, stopping)));
        }

        return results;
    }

    public void Dispose() => _caller.Dispose();

    private async Task<Finding> TryAsync(Cell cell, CancellationToken stopping)
    {
        try
        {
            var talk = cell.Feature.Talk;
            var (reply, heard) = await AskAsync(cell, talk, stopping);
            if (cell.Feature.Next is { } next && heard is not null && heard.Calls.Any())
            {
                talk = next(talk, heard);
                (reply, heard) = await AskAsync(cell, talk, stopping);
            }

            return Judge.OfLive(cell.Feature, cell.Client, talk, reply, heard);
        }
        catch (UnsayableException)
        {
            return new Finding(Verdict.Unsayable);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or InvalidOperationException or TaskCanceledException && !stopping.IsCancellationRequested)
        {
            return Finding.Wrong(exception.Message);
        }
    }

    private async Task<(Reply Reply, Heard? Heard)> AskAsync(Cell cell, Talk talk, CancellationToken stopping)
    {
        var name = Ends.RoutePrefix(cell.Upstream.Name) + model;
        var reply = await _caller.SendAsync(cell.Client, cell.Client.Path(name, cell.Stream), cell.Client.Make(talk, name, cell.Stream), stopping);
        Book(cell, reply);
        return (reply, reply.Status != 200 ? null : cell.Stream ? cell.Client.ReadStream(reply.Body) : reply.Json is JsonObject body ? cell.Client.ReadWhole(body) : null);
    }

    private void Book(Cell cell, Reply reply)
    {
        if (reply.Status != 200)
            return;
        var cost = cell.Stream ? _wholeCosts.GetValueOrDefault(cell.Feature, _dearest) : 0;
        if (!cell.Stream && !decimal.TryParse(reply.Cost.Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture, out cost))
            Ended = "The price of this model is not known, so that no budget can be kept: give the upstream a price in the configuration.";
        if (!cell.Stream)
            _wholeCosts[cell.Feature] = cost;
        Spent += cost;
        _dearest = Math.Max(_dearest, cost);
    }
}
