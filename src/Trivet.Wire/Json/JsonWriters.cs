using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>
/// One <see cref="Utf8JsonWriter"/> per thread, so that writing a body makes none. Rent, write, return, all in one call without awaiting.
/// Validation is off: the writers of this project are checked by their tests, and a writer in the field must never throw.
/// </summary>
internal static class JsonWriters
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _idle;

    /// <summary>A writer onto <paramref name="output"/>.</summary>
    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var writer = _idle;
        _idle = null;
        if (writer is null)
            return new Utf8JsonWriter(output, Options);
        writer.Reset(output);
        return writer;
    }

    /// <summary>Flushes the writer and keeps it for the next one.</summary>
    public static void Return(Utf8JsonWriter writer)
    {
        writer.Flush();
        writer.Reset(Nothing.Instance);
        _idle = writer;
    }

    // Holds no reference to the last output while the writer is idle.
    private sealed class Nothing : IBufferWriter<byte>
    {
        public static readonly Nothing Instance = new();

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => new byte[Math.Max(1, sizeHint)];
    }
}
