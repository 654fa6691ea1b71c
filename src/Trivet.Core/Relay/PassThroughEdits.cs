using System.Buffers;
using System.Net.Http;

namespace Trivet.Core.Relay;

/// <summary>
/// What is changed in a body that otherwise passes through byte for byte: the model's name, a vendor's quirk, a foreign block left out.
/// Offsets refer to the client's body. One per request, reused.
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

    /// <summary>Writes the body with its edits.</summary>
    public void Apply(ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        var position = 0;
        foreach (var edit in _edits)
        {
            if (edit.Start < position)
                continue; // lies within what an earlier edit took out
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
            if (edit.Start < position)
                continue;
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
            if (edit.Start < position)
                continue;
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
