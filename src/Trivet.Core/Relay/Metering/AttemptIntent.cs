using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Trivet.Core.Ledger.Spool;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// What is known of an attempt before it is sent: enough to book it should this process not live to its end. Written to a slot (<see cref="InFlightSlots"/>) as texts with their lengths and numbers of eight bytes;
/// long texts are cut, ids never are.
/// </summary>
public sealed record AttemptIntent
{
    private const byte Version = 1;
    private const int TextBytesMax = 120;
    private const long ContentFlag = 1;
    private const long UsageFlag = 2;

    public required AttemptRecord Attempt { get; init; }

    /// <summary>Tokens of the input, as well as they are known.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that an answer which comes whole will probably have.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What was set aside, in the price's currency; null where nothing is limited.</summary>
    public long? ReservedNano { get; init; }

    /// <summary>Writes one to <paramref name="buffer"/>, which has room for any.</summary>
    public static int Write(Span<byte> buffer, AttemptIntent intent)
    {
        var attempt = intent.Attempt;
        var writer = new Writer(buffer);
        foreach (var number in (ReadOnlySpan<long>)[Version, attempt.Ordinal, attempt.StartedMs, attempt.AdmittedMs, attempt.Streamed ? 1 : 0, intent.InputTokens, intent.OutputTokens, intent.ReservedNano ?? -1])
            writer.Number(number);
        foreach (var text in (ReadOnlySpan<string>)[attempt.Id, attempt.RequestId, attempt.KeyId, attempt.Organisation, attempt.Team, attempt.Upstream, attempt.CredentialId, attempt.UpstreamModel])
            writer.Text(text);
        foreach (var text in (ReadOnlySpan<string>)[attempt.ClientProtocol, attempt.UpstreamProtocol, attempt.Holder, attempt.Route, attempt.ModelAsked])
            writer.Text(text);
        // Last, because they may be long: of an allowance that does not fit, the lease ends by itself.
        writer.Text(attempt.Payer);
        writer.Text(attempt.Allowances, int.MaxValue);
        return writer.Length;
    }

    /// <summary>Reads one back, with what had come by then. False where another version wrote it.</summary>
    public static bool TryRead(LeftSlot left, [NotNullWhen(true)] out AttemptIntent? intent, out Usage usage)
    {
        (intent, usage) = (null, default);
        var reader = new Reader(left.Payload.Span);
        if (reader.Number() != Version)
            return false;
        var numbers = new long[7];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = reader.Number();
        var texts = new string[13];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.Text();
        var (payer, allowances) = (reader.Text(), reader.Text());
        usage = Usage(left.Progress, isStreamed: numbers[3] == 1, numbers[4], numbers[5]);
        var hasContent = (left.Progress.Flags & ContentFlag) != 0;
        intent = new AttemptIntent
        {
            InputTokens = numbers[4],
            OutputTokens = numbers[5],
            ReservedNano = numbers[6] < 0 ? null : numbers[6],
            Attempt = new AttemptRecord
            {
                Id = texts[0],
                RequestId = texts[1],
                KeyId = texts[2],
                Organisation = texts[3],
                Team = texts[4],
                Upstream = texts[5],
                CredentialId = texts[6],
                UpstreamModel = texts[7],
                ClientProtocol = texts[8],
                UpstreamProtocol = texts[9],
                Holder = texts[10],
                Route = texts[11],
                ModelAsked = texts[12],
                Ordinal = (int)numbers[0],
                StartedMs = numbers[1],
                AdmittedMs = numbers[2],
                Streamed = numbers[3] == 1,
                Payer = payer,
                Allowances = allowances,
                InputUncachedTokens = usage.InputUncached,
                InputCacheReadTokens = usage.CacheRead,
                InputCacheWrite5mTokens = usage.CacheWrite5m,
                InputCacheWrite1hTokens = usage.CacheWrite1h,
                OutputTextTokens = usage.OutputText,
                OutputReasoningTokens = usage.OutputReasoning,
                Estimated = true,
                Recovered = true,
                Committed = hasContent,
                OutputBytes = left.Progress.Bytes,
            },
        };
        return true;
    }

    /// <summary>The progress of an attempt, from what its tap has seen. <paramref name="outputTokens"/> is our own count where the upstream has not said one yet.</summary>
    internal static SlotProgress Progress(Usage? reported, bool hasContent, long outputTokens, long bytes)
    {
        var usage = reported ?? default;
        return new SlotProgress(
            usage.InputUncached, usage.CacheRead, usage.CacheWrite5m, usage.CacheWrite1h, Math.Max(usage.OutputText, outputTokens - usage.OutputReasoning), usage.OutputReasoning, bytes,
            (hasContent ? ContentFlag : 0) | (reported is { InputTotal: > 0 } ? UsageFlag : 0));
    }

    // A stream that had begun is billed as far as it came; an answer that comes whole was probably made whole, and nobody was there to take it.
    private static Usage Usage(in SlotProgress progress, bool isStreamed, long inputTokens, long outputTokens)
    {
        var isReported = (progress.Flags & UsageFlag) != 0;
        return new Usage
        {
            InputUncached = isReported ? progress.A : inputTokens,
            CacheRead = progress.B,
            CacheWrite5m = progress.C,
            CacheWrite1h = progress.D,
            OutputText = isStreamed || progress.E + progress.F > 0 ? progress.E : outputTokens,
            OutputReasoning = progress.F,
            IsEstimate = true,
        };
    }

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        public void Number(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_buffer[Length..], value);
            Length += sizeof(long);
        }

        public void Text(string text, int bytesMax = TextBytesMax)
        {
            var room = Math.Min(bytesMax, _buffer.Length - Length - sizeof(short));
            if (room < 0)
                return; // the reader takes what is not there for empty
            Utf8.FromUtf16(text, _buffer.Slice(Length + sizeof(short), room), out _, out var written, isFinalBlock: false);
            BinaryPrimitives.WriteInt16LittleEndian(_buffer[Length..], (short)written);
            Length += sizeof(short) + written;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public long Number()
        {
            if (!Take(sizeof(long), out var taken))
                return 0;
            return BinaryPrimitives.ReadInt64LittleEndian(taken);
        }

        public string Text() =>
            Take(sizeof(short), out var length) && Take(BinaryPrimitives.ReadInt16LittleEndian(length), out var text) ? Encoding.UTF8.GetString(text) : "";

        private bool Take(int count, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (count < 0 || count > _rest.Length)
                return false;
            taken = _rest[..count];
            _rest = _rest[count..];
            return true;
        }
    }
}
