using System.Text.Json.Nodes;

namespace Trivet.Server.Conformance.Talks;

/// <summary>An answer as a client of one protocol understands it.</summary>
internal sealed class Heard
{
    /// <summary>Text, thoughts, calls and refusals, in order.</summary>
    public List<Piece> Pieces { get; } = [];

    /// <summary><c>end</c>, <c>length</c>, <c>tool</c>, <c>refused</c>; empty where the answer did not say.</summary>
    public string Stop { get; set; } = "";

    public string Model { get; set; } = "";

    public HeardUsage? Usage { get; set; }

    /// <summary>The message of an error that came instead of an answer, or in the middle of it.</summary>
    public string? Error { get; set; }

    /// <summary>Links that the answer cites.</summary>
    public List<string> Citations { get; } = [];

    /// <summary>Pictures that the model drew: Base64.</summary>
    public List<string> Pictures { get; } = [];

    /// <summary>What the answer breaks of its protocol's rules, as far as this client would stumble over it.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The answer as the client sends it back in its next request.</summary>
    public JsonArray Verbatim { get; set; } = [];

    public string Text => string.Concat(Pieces.Where(p => p.Kind is PieceKind.Text or PieceKind.Refusal).Select(p => p.Text));

    public string Thoughts => string.Concat(Pieces.Where(p => p.Kind == PieceKind.Thought).Select(p => p.Text));

    public IEnumerable<Piece> Calls => Pieces.Where(p => p.Kind == PieceKind.Call);

    /// <summary>Adds to the last piece where it is of that kind, else begins one.</summary>
    public void Append(PieceKind kind, string text)
    {
        if (Pieces.Count > 0 && Pieces[^1].Kind == kind)
            Pieces[^1] = Pieces[^1] with { Text = Pieces[^1].Text + text };
        else
            Pieces.Add(new Piece(kind) { Text = text });
    }
}

/// <summary>Token counts as a client reads them.</summary>
/// <param name="Input">All input, cached or not.</param>
/// <param name="Cached">Of it, read from a cache.</param>
/// <param name="Output">All output, thoughts among it.</param>
/// <param name="Thoughts">Of it, thoughts; null where the answer does not tell.</param>
internal sealed record HeardUsage(long Input, long Cached, long Output, long? Thoughts);
