using System.Globalization;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Goes on with a conversation as agents do: the answer is sent back as it came, with the results of its calls.</summary>
internal static class Loop
{
    public static Talk Answer(Talk talk, Heard heard, string result)
    {
        var results = heard.Calls.Select((c, i) => Piece.OfResult(c.Id, c.Name, result + i.ToString(CultureInfo.InvariantCulture)));
        return GoOn(talk, heard, [.. results]);
    }

    public static Talk GoOn(Talk talk, Heard heard, params Piece[] next)
    {
        // Answers without ids are told apart by their place.
        var calls = 0;
        var pieces = heard.Pieces.Select(p => p.Kind == PieceKind.Call ? p with { Id = p.Id.Length > 0 ? p.Id : $"#{calls++}" } : p).ToList();
        var ids = pieces.Where(p => p.Kind == PieceKind.Call).Select(p => p.Id).ToList();
        var at = 0;
        var answers = next.Select(p => p is { Kind: PieceKind.Result, Id: "" } ? p with { Id = ids[at++] } : p);
        return talk with { Turns = [.. talk.Turns, new Said("assistant", pieces) { Verbatim = heard.Verbatim }, new Said("user", [.. answers])] };
    }
}
