using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// Metering records read back from the spool. Most of a record's texts (organisation, upstream, models, protocols) are the same in record after record, so
/// they are made once and found again. A context of its own: with a converter the generated code for writing would take the slow path.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, Converters = [typeof(RepeatedText)])]
[JsonSerializable(typeof(AttemptRecord))]
[JsonSerializable(typeof(RequestRecord))]
[JsonSerializable(typeof(RequestWithAttempt))]
public sealed partial class MeteringReader : JsonSerializerContext
{
    private sealed class RepeatedText : JsonConverter<string>
    {
        private const int Slots = 512;
        private const int RememberedBytesMax = 128;

        [ThreadStatic]
        private static string?[]? _seen;

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > RememberedBytesMax)
                return reader.GetString();
            var hash = new HashCode();
            hash.AddBytes(reader.ValueSpan);
            ref var slot = ref (_seen ??= new string?[Slots])[hash.ToHashCode() & (Slots - 1)];
            return slot is not null && reader.ValueTextEquals(slot) ? slot : slot = reader.GetString();
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
