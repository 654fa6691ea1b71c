using System.Net;
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
internal sealed class ConformanceRun(Ends ends) : IDisposable
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = Patience };

    public static List<Cell> Plan(IReadOnlyList<Feature> features, IReadOnlyList<IClient> protocols)
    {
        var cells = new List<Cell>();
        foreach (var feature in features)
        {
            foreach (var client in protocols)
            {
                foreach (var upstream in protocols)
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

    public void Dispose() => _http.Dispose();

    private async Task<Finding> TryAsync(Cell cell, CancellationToken stopping)
    {
        try
        {
            return await LookAsync(cell, stopping);
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
        var feature = cell.Feature;
        var kind = $"{feature.Model}-c{cell.Number}{feature.Suffix}";
        if (feature.Respond is { } respond)
            ends.Sandbox.Script($$"""{"match":{"model":{{JsonSerializer.Serialize("sandbox-" + kind)}}},"times":0,"respond":{{respond}}}""");
        var witness = await AskAsync(cell, feature.Talk, kind, stopping);
        if (feature.IsCount)
            return Judge.OfCount(cell.Client, cell.Upstream.Name, witness);
        if (feature.BreaksOff)
            return Judge.OfBreak(cell.Client, cell.Upstream.Name, cell.Stream, witness);
        if (feature.ErrorStatuses.Count > 0)
            return Judge.OfError(feature, cell.Client, cell.Upstream.Name, witness);
        var heard = Read(cell, witness);
        var first = feature.Next is null ? feature : feature with { Check = null };
        var finding = Judge.OfAnswer(first, cell.Client, cell.Upstream.Name, cell.Stream, witness, heard);
        if (feature.Next is null || heard is null || finding.Verdict is Verdict.Wrong or Verdict.Refused)
            return finding;

        var next = await AskAsync(cell, feature.Next(feature.Talk, heard), kind, stopping);
        return finding.And(Judge.OfAnswer(feature, cell.Client, cell.Upstream.Name, cell.Stream, next, Read(cell, next)));
    }

    private static Heard? Read(Cell cell, Witness witness) =>
        witness.Status != 200 ? null : cell.Stream ? cell.Client.ReadStream(witness.Received) : witness.Json is JsonObject body ? cell.Client.ReadWhole(body) : null;

    private async Task<Witness> AskAsync(Cell cell, Talk talk, string kind, CancellationToken stopping)
    {
        var (model, known) = (Ends.RoutePrefix(cell.Upstream.Name) + kind, "sandbox-" + kind);
        var path = cell.Feature.IsCount ? cell.Client.CountPath(model) ?? throw new UnsayableException("counting") : cell.Client.Path(model, cell.Stream);
        var before = ends.Sandbox.Log.LastId;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(ends.Address, path)) { Content = Body(cell, talk, model) };
        cell.Client.Authorize(request, ends.Key);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
        var (received, wasCut) = await ReadAsync(response, stopping);
        return new Witness
        {
            Talk = talk,
            Sent = await Body(cell, talk, known).ReadAsByteArrayAsync(stopping),
            Status = (int)response.StatusCode,
            Received = received,
            WasCut = wasCut,
            Lost = Header(response, "x-trivet-lost"),
            IsEstimate = Header(response, "x-trivet-estimated") == "true",
            Seen = await SeenAsync(before, known, stopping),
        };
    }

    private static ByteArrayContent Body(Cell cell, Talk talk, string model)
    {
        var body = cell.Client.Make(talk, model, cell.Stream);
        if (cell.Feature.IsCount)
            body.Remove("max_tokens");
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private static async Task<(byte[] Bytes, bool WasCut)> ReadAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        using var bytes = new MemoryStream();
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stopping);
            await body.CopyToAsync(bytes, stopping);
            return (bytes.ToArray(), false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or HttpIOException)
        {
            return (bytes.ToArray(), true);
        }
    }

    // The client may have its answer a moment before the vendor has closed its record of it.
    private async Task<SandboxLogEntry?> SeenAsync(long before, string model, CancellationToken stopping)
    {
        for (var wait = 0; wait < 200; wait++)
        {
            var seen = ends.Sandbox.Log.Since(before).LastOrDefault(e => e.Model == model);
            if (seen is null || seen.IsFinished)
                return seen;
            await Task.Delay(5, stopping);
        }

        return null;
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
