using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Trivet.Core.Ledger.Spool;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// Metering records as spool payloads: UTF-8 JSON, so that a newer program reads an older one's spool (a field it lacks is a default)
/// and a person can read it with <c>strings</c>. Source-generated: no reflection.
/// </summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(AttemptRecord))]
[JsonSerializable(typeof(RequestRecord))]
[JsonSerializable(typeof(RequestWithAttempt))]
public sealed partial class MeteringJson : JsonSerializerContext
{
    [ThreadStatic]
    private static Scratch? _scratch;

    /// <summary>Serialises into this thread's own buffer, which is kept for the next record, and appends it.</summary>
    internal static bool Append<T>(ISpool spool, SpoolRecordKind kind, T record, JsonTypeInfo<T> type)
        where T : class
    {
        var scratch = _scratch ??= new Scratch();
        scratch.Buffer.ResetWrittenCount();
        scratch.Writer.Reset(scratch.Buffer);
        JsonSerializer.Serialize(scratch.Writer, record, type);
        scratch.Writer.Flush();
        return spool.Append(kind, scratch.Buffer.WrittenSpan, record);
    }

    private sealed class Scratch
    {
        public Scratch() => Writer = new Utf8JsonWriter(Buffer);

        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        public Utf8JsonWriter Writer { get; }
    }
}
