using System.Globalization;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Faults;

/// <summary>A model name taken apart: what it does (the base name), how it speaks (style) and what goes wrong (faults).</summary>
internal sealed class ModelName
{
    private ModelName(string full, string baseName, IReadOnlyList<Fault> faults, Style style)
    {
        Full = full;
        Base = baseName;
        Faults = faults;
        Style = style;
        var words = baseName.Split('-');
        IsStrict = words.Contains("strict", StringComparer.Ordinal);
        IsCached = words.Contains("cached", StringComparer.Ordinal);
        Number = words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : (int?)null).LastOrDefault(n => n is not null);
        Voice = words is ["sandbox", "voice", var voice, ..] ? voice : "A";
        Kind = words is ["sandbox", var kind, ..] ? kind : "chat";
    }

    public string Full { get; }

    public string Base { get; }

    /// <summary>The word after <c>sandbox-</c>: echo, text, think, tool; anything else is a general model.</summary>
    public string Kind { get; }

    /// <summary>The voice that a <c>sandbox-voice-</c> model speaks with.</summary>
    public string Voice { get; }

    /// <summary>The number in the name: tokens of text or reasoning, calls of a tool model.</summary>
    public int? Number { get; }

    public bool IsStrict { get; }

    public bool IsCached { get; }

    public IReadOnlyList<Fault> Faults { get; }

    public Style Style { get; }

    public static ModelName Parse(string model)
    {
        var pieces = model.Split('@');
        var name = pieces[0];
        var faults = new List<Fault>();
        var style = new Style();
        foreach (var piece in pieces.Skip(1))
        {
            if (style.TryApply(piece, out var changed))
            {
                style = changed;
            }
            else if (Fault.TryParse(piece, out var fault))
            {
                faults.Add(fault);
            }
            else
            {
                name += "@" + piece;
            }
        }

        return new ModelName(model, name, faults, style);
    }

    /// <summary>The faults of a script, written as after a model name: <c>503:times=1@slow:tps=20</c>.</summary>
    public static IReadOnlyList<Fault> ParseFaults(string text) => Parse("@" + text.TrimStart('@')).Faults;
}
