using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Snapshots;
using Trivet.Core.Users;
using Trivet.Wire.Canonical;

namespace Trivet.WebConsole.Pages.Playground;

/// <summary>
/// Puts prompts to models through the gateway itself and keeps what came of them for a while. Requests are made with a key of the playground's own, which lives for a day, so that
/// they are limited, routed and booked as any others are, and the books say whose they were.
/// </summary>
internal sealed partial class PlaygroundDesk(
    RelayPipeline relay, SnapshotHolder snapshots, KeySnapshotHolder keys, KeyAdmin keyAdmin, TraceAdmin traces, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PlaygroundDesk> logger) : IDisposable
{
    /// <summary>How many models one prompt may be put to.</summary>
    public const int ModelsMax = 6;

    public const int PromptCharsMax = 32_000;

    private const int RunsMax = 50;
    private const int AnswerCharsMax = 200_000;
    private static readonly TimeSpan KeyLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeyLook = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, PlaygroundRun> _runs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _keyGate = new(1);
    private (string Secret, DateTimeOffset Until) _key;

    /// <summary>A run that is still remembered.</summary>
    public PlaygroundRun? Find(string id) => _runs.GetValueOrDefault(id);

    /// <summary>Asks. The answers come in while the caller goes on.</summary>
    public async ValueTask<StoreOutcome<PlaygroundRun>> StartAsync(string prompt, string system, IReadOnlyList<string> models, int outputTokensMax, string by, CancellationToken cancellationToken)
    {
        var key = await KeyAsync(cancellationToken);
        if (key.Fault is { } fault)
            return fault;
        var run = new PlaygroundRun(SecretToken.Make()[..16], prompt, system, by, time.GetUtcNow().ToUnixTimeMilliseconds(), [.. models.Take(ModelsMax).Select(model => new PlaygroundAnswer(model))]);
        _runs[run.Id] = run;
        foreach (var old in _runs.Values.OrderByDescending(known => known.StartedMs).Skip(RunsMax))
            _runs.TryRemove(old.Id, out _);
        foreach (var answer in run.Answers)
            _ = Task.Run(() => AskAsync(run, answer, key.Value, outputTokensMax), CancellationToken.None); // ends by itself, see AskAsync
        return run;
    }

    public void Dispose() => _keyGate.Dispose();

    private async Task AskAsync(PlaygroundRun run, PlaygroundAnswer answer, string key, int outputTokensMax)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        ending.CancelAfter(LongestAnswer);
        try
        {
            var exchange = new PlaygroundExchange(Body(run, answer.Model, outputTokensMax), key, answer.Note, ending.Token);
            var started = time.GetTimestamp();
            var reading = ReadAsync(exchange, answer, started);
            await relay.RunAsync(exchange, Protocol.OpenAIChat, snapshots.Current, keys.Current);
            await exchange.Output.CompleteAsync();
            await reading;
            answer.Now = answer.Now with { IsDone = true, DurationMs = (long)time.GetElapsedTime(started).TotalMilliseconds };
            await BookAsync(answer, ending.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or JsonException)
        {
            answer.Now = answer.Now with { IsDone = true, Problem = answer.Now.Problem ?? exception.Message };
        }
        catch (Exception exception)
        {
            LogFailed(exception); // nobody awaits this
            answer.Now = answer.Now with { IsDone = true, Problem = exception.GetType().Name };
        }
    }

    private async Task ReadAsync(PlaygroundExchange exchange, PlaygroundAnswer answer, long started)
    {
        while (true)
        {
            var read = await exchange.Answer.ReadAsync();
            var buffer = read.Buffer;
            if (exchange.Status == 200)
            {
                while (TryTakeLine(ref buffer, out var line))
                    PlaygroundStream.Add(answer, line, (long)time.GetElapsedTime(started).TotalMilliseconds, AnswerCharsMax);
            }
            else if (read.IsCompleted)
            {
                answer.Now = answer.Now with { Problem = PlaygroundStream.ErrorOf(buffer) };
            }

            exchange.Answer.AdvanceTo(read.IsCompleted ? buffer.End : buffer.Start, buffer.End);
            if (answer.Now.RequestId is null && exchange.Headers.TryGetValue("x-trivet-request-id", out var id))
                answer.Now = answer.Now with { RequestId = id };
            if (read.IsCompleted)
                break;
        }

        await exchange.Answer.CompleteAsync();
    }

    // What it cost stands in the books a moment after its end.
    private async Task BookAsync(PlaygroundAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Now.RequestId is not { } id)
            return;
        var trace = await traces.FindAsync(id, cancellationToken);
        if (!trace.IsSuccess || trace.Value.Attempts.Count == 0)
            return;
        var last = trace.Value.Attempts[^1];
        answer.Now = answer.Now with
        {
            ServedBy = $"{last.Upstream}/{last.UpstreamModel}",
            CostNano = last.CostNano,
            Currency = last.Currency,
            FirstContentMs = answer.Now.FirstContentMs ?? last.TimeToFirstContentMs,
            InputTokens = last.InputUncachedTokens + last.InputCacheReadTokens + last.InputCacheWrite5mTokens + last.InputCacheWrite1hTokens,
            OutputTokens = last.OutputTextTokens + last.OutputReasoningTokens,
        };
    }

    private async ValueTask<StoreOutcome<string>> KeyAsync(CancellationToken cancellationToken)
    {
        await _keyGate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_key.Until - now > LongestAnswer && IsKnown(_key.Secret))
                return _key.Secret;
            var created = await keyAdmin.CreateAsync(new KeyRequest { Name = $"playground {SecretToken.Make()[..6]}", ExpiresAtMs = (now + KeyLife).ToUnixTimeMilliseconds() }, cancellationToken);
            if (created.Fault is { } fault)
                return fault;
            _key = (created.Value.Secret, now + KeyLife);
            for (var started = time.GetTimestamp(); !IsKnown(_key.Secret) && time.GetElapsedTime(started) < KeyPatience;)
                await Task.Delay(KeyLook, time, cancellationToken); // this node hears of it as any node does
            return _key.Secret;
        }
        finally
        {
            _keyGate.Release();
        }
    }

    private bool IsKnown(string secret) => keys.Current.Authenticate(secret.AsMemory(), time.GetUtcNow().ToUnixTimeMilliseconds(), out _) == KeyVerdict.Accepted;

    private static byte[] Body(PlaygroundRun run, string model, int outputTokensMax)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteBoolean("stream", true);
            json.WriteNumber("max_tokens", outputTokensMax);
            json.WriteStartArray("messages");
            if (run.System.Length > 0)
                Message(json, "system", run.System);
            Message(json, "user", run.Prompt);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Message(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } end)
            return false;
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    [LoggerMessage(4010, LogLevel.Error, "A question of the playground failed")]
    private partial void LogFailed(Exception exception);
}
