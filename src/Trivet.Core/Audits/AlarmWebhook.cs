using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Trivet.Core.Journal;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Connections;

namespace Trivet.Core.Audits;

/// <summary>
/// Posts alarms to the operator's webhook, one after another, signed: <c>x-trivet-signature: t=SECONDS,v1=HEX</c> with HMAC-SHA256 over <c>SECONDS.BODY</c>, so that the receiver knows whose and
/// how old a post is. What is refused or fails is tried again for about a quarter of an hour; the queue is bounded, the journal keeps what it could not hold.
/// </summary>
public sealed partial class AlarmWebhook(SnapshotHolder snapshots, AlarmConnections connections, TimeProvider time, ILogger<AlarmWebhook> log) : IAlarmSender
{
    /// <summary>The header with the time and the signature.</summary>
    public const string SignatureHeader = "x-trivet-signature";

    private const int QueueMax = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)];

    private readonly Channel<(string Id, Alarm Alarm)> _queue = Channel.CreateBounded<(string, Alarm)>(new BoundedChannelOptions(QueueMax) { SingleReader = true });

    /// <inheritdoc/>
    public void Send(string id, Alarm alarm)
    {
        if (snapshots.Current.Config.Alarms.Webhook is not null && !_queue.Writer.TryWrite((id, alarm)))
            LogFull(QueueMax);
    }

    /// <summary>Sends what is handed over until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var (id, alarm) in _queue.Reader.ReadAllAsync(stopping))
                await DeliverAsync(id, alarm, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The journal has what was not sent.
        }
    }

    /// <summary>The header's value for a body that is sent at a time.</summary>
    internal static string Sign(Secret secret, long seconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds.ToString(CultureInfo.InvariantCulture)), (byte)'.', .. body];
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), signed))}";
    }

    /// <summary>What is posted.</summary>
    internal static byte[] Body(string id, Alarm alarm)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("kind", alarm.Kind);
            json.WriteString("subject", alarm.Subject);
            json.WriteString("text", alarm.Text);
            json.WriteNumber("at_ms", alarm.AtMs);
            json.WriteStartObject("evidence");
            foreach (var (name, value) in alarm.Evidence)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private async Task DeliverAsync(string id, Alarm alarm, CancellationToken stopping)
    {
        var body = Body(id, alarm);
        for (var attempt = 0; ; attempt++)
        {
            // Asked anew each time: the operator may have mended the address meanwhile, or taken it away.
            if (snapshots.Current.Config.Alarms is not { Webhook: { } address, Secret: { } secret })
                return;
            var problem = await PostAsync(address, secret, id, body, stopping);
            if (problem is null)
                return;
            if (attempt == Pauses.Length)
            {
                LogGivenUp(alarm.Kind, address.Host, problem);
                return;
            }

            await Task.Delay(Pauses[attempt], time, stopping);
        }
    }

    // Null where it was taken.
    private async Task<string?> PostAsync(Uri address, Secret secret, string id, byte[] body, CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        await using var leaving = stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            request.Headers.TryAddWithoutValidation(SignatureHeader, Sign(secret, time.GetUtcNow().ToUnixTimeSeconds(), body));
            request.Headers.TryAddWithoutValidation("x-trivet-id", id);
            using var response = await connections.SendAsync(request, patience.Token);
            return response.IsSuccessStatusCode ? null : $"status {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds:0} seconds";
        }
        catch (HttpRequestException exception)
        {
            return exception.GetBaseException().Message;
        }
    }

    [LoggerMessage(3520, LogLevel.Warning, "More than {Max} alarms wait for the webhook; this one is in the journal alone")]
    private partial void LogFull(int max);

    [LoggerMessage(3521, LogLevel.Error, "The alarm '{Kind}' could not be sent to {Host}: {Problem}; it is in the journal")]
    private partial void LogGivenUp(string kind, string host, string problem);
}
