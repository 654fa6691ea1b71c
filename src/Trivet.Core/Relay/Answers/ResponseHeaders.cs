using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Relay.Answers;

/// <summary>The headers of an answer: the upstream's own where the protocols match, and what Trivet did.</summary>
internal static class ResponseHeaders
{
    // Of the hop, of the body as it was packed, or of somebody else's cookies and infrastructure.
    private static readonly FrozenSet<string> Kept = new[]
    {
        "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authenticate", "content-length", "content-encoding", "content-type",
        "set-cookie", "date", "server", "alt-svc", "strict-transport-security", "via", "nel", "report-to", "cf-cache-status", "cf-ray", "retry-after", "retry-after-ms",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static void Set(RelayCall call, Attempt? attempt, HttpResponseMessage? response)
    {
        var client = call.Client;
        if (attempt is { IsPassThrough: true } && response is not null)
        {
            foreach (var (name, values) in response.Headers.NonValidated)
            {
                if (!Kept.Contains(name) && !name.StartsWith("x-trivet-", StringComparison.OrdinalIgnoreCase) && !LimitHeaders.Replaces(call, name))
                    client.SetHeader(name, values.ToString());
            }
        }
        else
        {
            SetRequestId(call);
        }

        SetOwn(call);
        if (call.AttemptCount > 0)
            client.SetHeader("x-trivet-attempts", SmallNumber(call.AttemptCount));
        if (call.RouteReason.Length > 0)
            client.SetHeader("x-trivet-route", call.RouteReason);
        if (attempt is null)
            return;
        client.SetHeader("x-trivet-upstream", attempt.Offering.Upstream.Name);
        client.SetHeader("x-trivet-model", Ascii(attempt.Offering.Model));
        if (attempt.Lost is { Length: > 0 } lost)
            client.SetHeader("x-trivet-lost", Ascii(lost));
        if (!call.Scan.Stream && AttemptBooking.Cost(call, attempt) is { IsComplete: true, BilledNano: { } nano } cost)
            client.SetHeader("x-trivet-cost", Money(nano, cost.Currency));
    }

    /// <summary>An amount as <c>x-trivet-cost</c> says it: <c>0.00020124 USD</c>. By hand, since a decimal with a custom format costs a microsecond.</summary>
    internal static string Money(long nano, string currency)
    {
        var (units, fraction) = Math.DivRem(Math.Abs(nano), 1_000_000_000);
        Span<char> digits = stackalloc char[9];
        fraction.TryFormat(digits, out _, "D9");
        ReadOnlySpan<char> kept = digits.TrimEnd('0');
        return string.Concat($"{(nano < 0 ? "-" : "")}{units}", kept.IsEmpty ? "" : ".", kept, $" {currency}");
    }

    /// <summary>The headers of a stream that is opened to keep the line alive, before anybody has answered.</summary>
    public static void SetEarly(RelayCall call)
    {
        SetRequestId(call);
        SetOwn(call);
    }

    // What each SDK shows in its error messages.
    private static void SetRequestId(RelayCall call)
    {
        call.Client.SetHeader("x-request-id", call.RequestId);
        call.Client.SetHeader("request-id", call.RequestId);
    }

    private static void SetOwn(RelayCall call)
    {
        call.Client.SetHeader("x-trivet-request-id", call.RequestId);
        LimitHeaders.Set(call);
        if (!call.Scan.Stream)
            return;
        call.Client.SetHeader("cache-control", "no-cache");
        call.Client.SetHeader("x-accel-buffering", "no");
    }

    private static string SmallNumber(int value) => value switch { 1 => "1", 2 => "2", 3 => "3", _ => value.ToString(CultureInfo.InvariantCulture) };

    public static string Ascii(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) == text.Length && !text.AsSpan().ContainsAnyInRange('\0', '\u001f'))
            return text;
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        });
    }
}
