using System.Globalization;
using System.IO.Compression;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Sockets;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>Reads what an upstream answered: its body as a stream, its errors as failures.</summary>
internal static class UpstreamAnswer
{
    private const int ErrorBytesMax = 1 << 20;
    private const double DayMs = 86_400_000;
    private const int AnswerBytesMax = 256 << 20;

    // Of an error answer, what a client of the same protocol acts on.
    private static readonly string[] ErrorHeaders = ["retry-after", "retry-after-ms", "x-should-retry", "request-id", "x-request-id"];

    /// <summary>The body, unpacked where the upstream compressed it without being asked.</summary>
    public static async ValueTask<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (!response.Content.Headers.NonValidated.TryGetValues("content-encoding", out var encodings))
            return stream;
        return encodings.ToString().Trim().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(stream, CompressionMode.Decompress),
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            "deflate" => new ZLibStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
    }

    /// <summary>The content type as it came: not parsed and put together again.</summary>
    public static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("content-type", out var type) ? type.ToString() : null;

    /// <summary>Reads a whole body. False when it is larger than <paramref name="bytesMax"/>.</summary>
    public static async ValueTask<bool> ReadAllAsync(Stream stream, PooledBuffer buffer, int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(4096), cancellationToken);
            if (read == 0)
                return true;
            buffer.Advance(read);
            await SocketThreads.LeaveForAsync(buffer.Length);
            if (buffer.Length > bytesMax)
                return false;
        }
    }

    /// <summary>Reads a whole answer.</summary>
    public static ValueTask<bool> ReadAllAsync(Stream stream, PooledBuffer buffer, CancellationToken cancellationToken) =>
        ReadAllAsync(stream, buffer, AnswerBytesMax, cancellationToken);

    /// <summary>Reads an error answer and names it; keeps it verbatim for clients of the same protocol.</summary>
    public static async ValueTask<Failure> ReadErrorAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        call.ClearScratch();
        await using (var stream = await OpenAsync(response, cancellationToken))
            await ReadAllAsync(stream, call.Scratch, ErrorBytesMax, cancellationToken);
        var body = call.Scratch.WrittenMemory;
        attempt.IsChallenged = RiskSigns.IsChallenge(response, body.Span);
        var format = WireFormats.Upstream(attempt.Endpoint.Protocol);
        var error = response.Headers.NonValidated.TryGetValues("x-amzn-errortype", out var type)
            ? format.ReadError(status, body.Span, type.ToString())
            : format.ReadError(status, body.Span);
        var kind = VendorErrors.Refine(attempt.Offering.Upstream.Profile, error) ?? UpstreamFailures.FromError(status, error);
        if (attempt.IsPassThrough)
            call.UpstreamErrorBody = new VerbatimError(status, ContentType(response) ?? "application/json", body.ToArray(), Keep(response));
        return new Failure(kind) { UpstreamError = error, UpstreamStatus = status, RetryAfter = RetryAfter(response, now) ?? error.RetryAfter };
    }

    /// <summary>
    /// How long the upstream asks to wait: <c>retry-after-ms</c>, else <c>retry-after</c> in seconds or as a date; where that is zero, the other (Azure sends
    /// <c>retry-after: 1</c> with <c>retry-after-ms: 0</c>). Read on errors only: some vendors send it with good answers.
    /// </summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        TimeSpan? asked = null;
        if (response.Headers.NonValidated.TryGetValues("retry-after-ms", out var ms)
            && double.TryParse(ms.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < DayMs)
            asked = TimeSpan.FromMilliseconds(milliseconds);
        if (!response.Headers.NonValidated.TryGetValues("retry-after", out var header))
            return asked;
        var text = header.ToString();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < DayMs / 1000)
            return asked > TimeSpan.Zero ? asked : TimeSpan.FromSeconds(seconds);
        if (asked is null && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return at - (response.Headers.Date ?? now) is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;
        return asked;
    }

    private static List<KeyValuePair<string, string>> Keep(HttpResponseMessage response)
    {
        var kept = new List<KeyValuePair<string, string>>();
        foreach (var name in ErrorHeaders)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var values))
                kept.Add(new(name, values.ToString()));
        }

        return kept;
    }
}
