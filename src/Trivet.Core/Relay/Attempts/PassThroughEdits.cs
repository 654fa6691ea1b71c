using System.Buffers;
using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>
/// What is changed in a body that otherwise passes through byte for byte: the model's name, a vendor's quirk, a foreign block left out.
/// Offsets refer to the client's body, and edits do not overlap. One per request, reused.
/// </summary>
internal sealed class PassThroughEdits
{
    private readonly List<Edit> _edits = [];

    /// <summary>Nothing changes.</summary>
    public bool IsEmpty => _edits.Count == 0;

    /// <summary>The request did not ask for usage in the stream, and Trivet did: what only answers that is taken out of the answer.</summary>
    public bool AskedForUsage { get; set; }

    /// <summary>The fields that were left out or changed, for the loss list.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Replaces <paramref name="length"/> bytes at <paramref name="start"/>.</summary>
    public void Replace(int start, int length, ReadOnlyMemory<byte> with)
    {
        var at = _edits.Count;
        while (at > 0 && _edits[at - 1].Start > start)
            at--;
        _edits.Insert(at, new Edit(start, length, with));
    }

    /// <summary>Leaves out the top-level fields that <paramref name="names"/> holds, with the commas that go with them, and notes them as lost.</summary>
    public void DropFields(ReadOnlySpan<byte> body, RequestScan scan, IReadOnlyList<string> names)
    {
        var fields = scan.Fields;
        for (var first = 0; first < fields.Count; first++)
        {
            var last = first;
            while (last < fields.Count && IsNamed(body, fields[last], names))
                last++;
            if (last == first)
                continue;

            // A run in the middle or at the end goes with the comma before it, one at the beginning with the comma behind it.
            var start = first > 0 ? EndOf(fields[first - 1]) : fields[first].NameStart;
            var end = first == 0 && last < fields.Count ? fields[last].NameStart : EndOf(fields[last - 1]);
            Replace(start, end - start, default);
            first = last;
        }
    }

    private bool IsNamed(ReadOnlySpan<byte> body, FieldSpan field, IReadOnlyList<string> names)
    {
        var name = body.Slice(field.NameStart + 1, field.NameLength - 2);
        for (var i = 0; i < names.Count; i++)
        {
            if (!Ascii.Equals(name, names[i]))
                continue;
            Lost.Add(names[i]);
            return true;
        }

        return false;
    }

    private static int EndOf(FieldSpan field) => field.ValueStart + field.ValueLength;

    /// <summary>Writes the body with its edits.</summary>
    public void Apply(ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        var position = 0;
        foreach (var edit in _edits)
        {
            output.Write(body[position..edit.Start]);
            output.Write(edit.With.Span);
            position = edit.Start + edit.Length;
        }

        output.Write(body[position..]);
    }

    /// <summary>Sends the body with its edits, without putting it together first.</summary>
    public async Task ApplyAsync(ReadOnlyMemory<byte> body, Stream output, CancellationToken cancellationToken)
    {
        var position = 0;
        foreach (var edit in _edits)
        {
            await output.WriteAsync(body[position..edit.Start], cancellationToken);
            if (!edit.With.IsEmpty)
                await output.WriteAsync(edit.With, cancellationToken);
            position = edit.Start + edit.Length;
        }

        await output.WriteAsync(body[position..], cancellationToken);
    }

    /// <summary>Length of the body with its edits.</summary>
    public int LengthOf(int bodyLength)
    {
        var (length, position) = (bodyLength, 0);
        foreach (var edit in _edits)
        {
            length += edit.With.Length - edit.Length;
            position = edit.Start + edit.Length;
        }

        return length;
    }

    /// <summary>Makes the list new.</summary>
    public void Clear()
    {
        _edits.Clear();
        Lost.Clear();
        AskedForUsage = false;
    }

    private readonly record struct Edit(int Start, int Length, ReadOnlyMemory<byte> With);
}
