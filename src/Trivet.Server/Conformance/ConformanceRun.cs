using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Sandbox;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance;

/// <summary>Tries every feature in every client protocol over every upstream protocol, whole and streamed, and has each judged by what both ends saw.</summary>
internal sealed class ConformanceRun(Ends ends, SandboxHost sandbox) : IDisposable
{
    private const int AtOnce = 8;

    private readonly Caller _caller = new(ends);

    public static List<Cell> Plan(IReadOnlyList<Feature> features, IReadOnlyList<IClient> clients, IReadOnlyList<IClient> upstreams)
    {
        var cells = new List<Cell>();
        foreach (var feature in features)
        {
            foreach (var client in clients)
            {
                foreach (var upstream in upstreams)
                {
                    foreach (var stream in (bool[])[false, true])
                    {
                        if (stream ? !feature.IsWholeOnly : !feature.IsStreamedOnly)
                            cells.Add(new Cell(cells.Count + 1, feature, client, upstream, stream));
                    }
                }
            }
        }

        return cells;
    }

    public async Task<IReadOnlyList<CellResult>> RunAsync(IReadOnlyList<Cell> cells, CancellationToken stopping)
    {
        var results = new CellResult[cells.Count];
        await Parallel.ForAsync(0, cells.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (i, cancellation) =>
        {
            results[i] = new CellResult(cells[i], await TryAsync(cells[i], cancellation));
        });
        return results;
    }

    public void Dispose() => _caller.Dispose();

    private async Task<Finding> TryAsync(Cell cell, CancellationToken stopping)
    {
        try
        {
            var finding = await LookAsync(cell, stopping);
            return cell.Feature.IsGateways && finding.Verdict == Verdict.Equivalent ? new Finding(Verdict.Told) : finding;
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

    private async Task<Finding> LookAsync(Cell cell, CancellationToken stopping)
    {
        var number = cell.Number.ToString(CultureInfo.InvariantCulture);
        var feature = cell.Feature with { Talk = cell.Feature.Talk.In(number) };
        var kind = $"{feature.Model}-c{cell.Number}{feature.Suffix}";
        if (feature.Respond is { } respond)
            sandbox.Script($$"""{"match":{"model":{{JsonSerializer.Serialize("sandbox-" + kind)}}},"times":0,"respond":{{respond.Replace("{cell}", number, StringComparison.Ordinal)}}}""");
        var witness = await AskAsync(cell, feature.Talk, kind, stopping);
        if (feature.IsCount)
            return Judge.OfCount(cell.Client, cell.Upstream.Name, witness);
        if (feature.BreaksOff)
            return Judge.OfBreak(cell.Client, cell.Upstream.Name, cell.Stream, witness);
        if (feature.ErrorStatuses.Count > 0)
            return Judge.OfError(feature, cell.Client, cell.Upstream.Name, witness);
        var heard = Read(cell, witness);
        var first = feature.Next is null ? feature : feature with { Check = null };
        var finding = Judge.OfAnswer(first, cell.Client, cell.Upstream.Name, witness, heard);
        if (feature.Next is null || heard is null || finding.Verdict is Verdict.Wrong or Verdict.Refused)
            return finding;

        var next = await AskAsync(cell, feature.Next(feature.Talk, heard), kind, stopping);
        return finding.And(Judge.OfAnswer(feature, cell.Client, cell.Upstream.Name, next, Read(cell, next)));
    }

    private static Heard? Read(Cell cell, Witness witness) =>
        witness.Reply.Status != 200 ? null : cell.Stream ? cell.Client.ReadStream(witness.Reply.Body) : witness.Reply.Json is JsonObject body ? cell.Client.ReadWhole(body) : null;

    private async Task<Witness> AskAsync(Cell cell, Talk talk, string kind, CancellationToken stopping)
    {
        var (model, known) = (Ends.RoutePrefix(cell.Upstream.Name) + kind, "sandbox-" + kind);
        var path = cell.Feature.IsCount ? cell.Client.CountPath(model) ?? throw new UnsayableException("counting") : cell.Client.Path(model, cell.Stream);
        var before = sandbox.Log.LastId;
        var reply = await _caller.SendAsync(cell.Client, path, Body(cell, talk, model), stopping);
        return new Witness
        {
            Talk = talk,
            Sent = Encoding.UTF8.GetBytes(Body(cell, talk, known).ToJsonString()),
            Reply = reply,
            Seen = await SeenAsync(before, known, stopping),
        };
    }

    // The client may have its answer a moment before the vendor has closed its record of it.
    private async Task<SandboxLogEntry?> SeenAsync(long before, string model, CancellationToken stopping)
    {
        for (var wait = 0; wait < 200; wait++)
        {
            var seen = sandbox.Log.Since(before).LastOrDefault(e => e.Model == model);
            if (seen is null || seen.IsFinished)
                return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, stopping);
        }

        return null;
    }

    private static JsonObject Body(Cell cell, Talk talk, string model)
    {
        var body = cell.Client.Make(talk, model, cell.Stream);
        if (cell.Feature.IsCount)
            body.Remove("max_tokens");
        return body;
    }
}
