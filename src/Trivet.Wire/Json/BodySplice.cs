using System.Buffers;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>
/// Edits of a body that otherwise passes through byte for byte: what same-protocol requests need (another model name, usage asked for, a field that
/// the vendor refuses left out). Edits are noted against the <see cref="RequestScan"/> of the body and applied in one pass. The result is valid JSON
/// whatever fields are edited, as the commas of removed fields are worked out together. One per request; <see cref="Reset"/> makes it new.
/// </summary>
public sealed class BodySplice
{
    private readonly List<Edit> _edits = [];
    private readonly HashSet<int> _removed = [];
    private readonly List<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)> _added = [];

    /// <summary>Nothing is to be changed.</summary>
    public bool IsEmpty => _edits.Count == 0 && _removed.Count == 0 && _added.Count == 0;

    /// <summary>Replaces a range of bytes; an empty replacement cuts it out. Ranges must not overlap: the later of two that do is ignored.</summary>
    public void Replace(int start, int length, ReadOnlyMemory<byte> replacement) => _edits.Add(new Edit(start, length, replacement));

    /// <summary>Replaces a field's value.</summary>
    public void ReplaceValue(FieldSpan field, ReadOnlyMemory<byte> value) => Replace(field.ValueStart, field.ValueLength, value);

    /// <summary>Replaces the model's name, wherever the body names one; adds it where it names none.</summary>
    public void SetModel(ReadOnlySpan<byte> body, RequestScan scan, string model)
    {
        var token = new JsonText(model).ToToken();
        if (!ForEach(body, scan, "model"u8, field => ReplaceValue(field, token)))
            Add("model", token);
    }

    /// <summary>Renames a top-level field. Nothing happens where the body has none.</summary>
    public void Rename(ReadOnlySpan<byte> body, RequestScan scan, ReadOnlySpan<byte> name, string newName)
    {
        var token = new JsonText(newName).ToToken();
        ForEach(body, scan, name, field => Replace(field.NameStart, field.NameLength, token));
    }

    /// <summary>Leaves a top-level field out with its comma, as often as it stands there. Nothing happens where the body has none.</summary>
    public void Remove(ReadOnlySpan<byte> body, RequestScan scan, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < scan.Fields.Count; i++)
        {
            if (NameIs(body, scan.Fields[i], name))
                _removed.Add(i);
        }
    }

    /// <summary>Adds a top-level field at the end. The caller knows that the body has none of that name, or removes it too.</summary>
    public void Add(string name, ReadOnlyMemory<byte> value) => _added.Add((new JsonText(name).ToToken(), value));

    /// <summary>Sees to it that a Chat stream reports usage: <c>stream_options.include_usage</c> becomes true, its other options stay.</summary>
    public void AskForStreamUsage(ReadOnlySpan<byte> body, RequestScan scan)
    {
        if (scan.StreamUsage)
            return;
        if (!scan.TryGetField(body, "stream_options"u8, out var field) || body[field.ValueStart] != (byte)'{')
        {
            Remove(body, scan, "stream_options"u8);
            Add("stream_options", """{"include_usage":true}"""u8.ToArray());
            return;
        }

        var reader = new Utf8JsonReader(body.Slice(field.ValueStart, field.ValueLength));
        reader.Read();
        var isEmpty = true;
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isName = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isName)
                Replace(field.ValueStart + start, (int)reader.BytesConsumed - start, "true"u8.ToArray());
            found |= isName;
        }

        if (!found)
            Replace(field.ValueStart + 1, 0, isEmpty ? "\"include_usage\":true"u8.ToArray() : "\"include_usage\":true,"u8.ToArray());
    }

    /// <summary>Appends the edited body. <paramref name="scan"/> is that of the body, and must have found it valid.</summary>
    public void WriteTo(ReadOnlySpan<byte> body, RequestScan scan, IBufferWriter<byte> output)
    {
        PlanRemovals(scan);
        PlanAdditions(body, scan);
        _edits.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Order.CompareTo(b.Order));
        var at = 0;
        foreach (var edit in _edits)
        {
            if (edit.Start < at)
                continue;
            output.Write(body[at..edit.Start]);
            output.Write(edit.Replacement.Span);
            at = edit.Start + edit.Length;
        }

        output.Write(body[at..]);
    }

    /// <summary>Makes the splice new.</summary>
    public void Reset()
    {
        _edits.Clear();
        _removed.Clear();
        _added.Clear();
    }

    // A removed field takes the comma before it, or, where nothing before it is kept, everything up to the next field's name.
    // It comes before other edits at the same place, so that those inside it are ignored.
    private void PlanRemovals(RequestScan scan)
    {
        var keptBefore = false;
        for (var i = 0; i < scan.Fields.Count; i++)
        {
            var field = scan.Fields[i];
            if (!_removed.Contains(i))
            {
                keptBefore = true;
                continue;
            }

            var start = keptBefore ? End(scan.Fields[i - 1]) : field.NameStart;
            var end = keptBefore || i == scan.Fields.Count - 1 ? End(field) : scan.Fields[i + 1].NameStart;
            _edits.Add(new Edit(start, end - start, default, Order: -1));
        }

        static int End(FieldSpan field) => field.ValueStart + field.ValueLength;
    }

    private void PlanAdditions(ReadOnlySpan<byte> body, RequestScan scan)
    {
        if (_added.Count == 0)
            return;
        var text = new ArrayBufferWriter<byte>();
        var comma = scan.Fields.Count > _removed.Count;
        foreach (var (name, value) in _added)
        {
            if (comma)
                text.Write(","u8);
            text.Write(name.Span);
            text.Write(":"u8);
            text.Write(value.Span);
            comma = true;
        }

        var last = scan.Fields.Count == 0 ? body.IndexOf((byte)'{') + 1 : scan.Fields[^1].ValueStart + scan.Fields[^1].ValueLength;
        _edits.Add(new Edit(last, 0, text.WrittenMemory, Order: 1));
    }

    private static bool ForEach(ReadOnlySpan<byte> body, RequestScan scan, ReadOnlySpan<byte> name, Action<FieldSpan> act)
    {
        var any = false;
        foreach (var field in scan.Fields)
        {
            if (!NameIs(body, field, name))
                continue;
            act(field);
            any = true;
        }

        return any;
    }

    private static bool NameIs(ReadOnlySpan<byte> body, FieldSpan field, ReadOnlySpan<byte> name) => body.Slice(field.NameStart + 1, field.NameLength - 2).SequenceEqual(name);

    private readonly record struct Edit(int Start, int Length, ReadOnlyMemory<byte> Replacement, int Order = 0);
}
