namespace Trivet.Server.Conformance.Oracle;

/// <summary>What became of a feature between one client protocol and one upstream protocol, from best to worst.</summary>
internal enum Verdict
{
    /// <summary>The client's protocol has no words for it; nothing was tried.</summary>
    Unsayable,

    /// <summary>Both ways byte for byte, but for the model's name.</summary>
    Exact,

    /// <summary>The meaning arrived, both ways.</summary>
    Equivalent,

    /// <summary>The vendor gave nothing that may be passed on, and the client was told so, in its own protocol and with the status that fits.</summary>
    Told,

    /// <summary>Something did not arrive, and <c>x-trivet-lost</c> names it.</summary>
    LossReported,

    /// <summary>A 4xx in the client's protocol that names the field.</summary>
    Refused,

    /// <summary>Anything else: lost in silence, illegal, a wrong error.</summary>
    Wrong,
}

/// <summary>A verdict and what it rests on.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Note">What was lost, refused or wrong; empty where nothing was.</param>
internal sealed record Finding(Verdict Verdict, string Note = "")
{
    public static Finding Wrong(string note) => new(Verdict.Wrong, note);

    /// <summary>The worse of two, with the notes of both.</summary>
    public Finding And(Finding other) => (Verdict >= other.Verdict ? this : other) with { Note = string.Join("; ", ((string[])[Note, other.Note]).Where(n => n.Length > 0).Distinct()) };
}
