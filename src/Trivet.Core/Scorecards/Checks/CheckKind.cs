namespace Trivet.Core.Scorecards.Checks;

/// <summary>What a passive check may find in an answer. New ones come at the end: the order is kept in databases.</summary>
public enum CheckKind : byte
{
    /// <summary>It says that it is done, and holds neither text nor a call.</summary>
    Empty,

    /// <summary>It says that its output limit was reached, far below the limit that the client set; or the vendor broke it off.</summary>
    Truncated,

    /// <summary>Another model answered than was asked, by its own name.</summary>
    OtherModel,

    /// <summary>There is content, and the usage says that none was written.</summary>
    UsageAmiss,

    /// <summary>A tool call's arguments are no JSON.</summary>
    ArgumentsUnreadable,

    /// <summary>A tool call's arguments do not fit the tool's schema.</summary>
    ArgumentsUnfit,

    /// <summary>A tool is called that was not offered.</summary>
    UnknownTool,

    /// <summary>The text does not fit the schema that the request demanded.</summary>
    SchemaUnfit,

    /// <summary>It says the same again and again to its end.</summary>
    Repetition,

    /// <summary>It is written in another script than the question, which asked for no other language.</summary>
    OtherScript,

    /// <summary>It is phrased as a refusal. Noted, not held against it.</summary>
    Refusal,
}

/// <summary>What holds for each kind.</summary>
public static class CheckKinds
{
    /// <summary>How many there are.</summary>
    public static int Count { get; } = Enum.GetValues<CheckKind>().Length;

    /// <summary>Looked at in every answer, because nothing has to be read for it; the others only in some.</summary>
    public static bool IsFree(CheckKind kind) => kind <= CheckKind.UsageAmiss;

    /// <summary>It makes an answer unsound; otherwise it is only noted.</summary>
    public static bool IsFault(CheckKind kind) => kind != CheckKind.Refusal;

    /// <summary>As JSON and people read it: <c>arguments_unfit</c>.</summary>
    public static string Word(CheckKind kind) => kind switch
    {
        CheckKind.Empty => "empty",
        CheckKind.Truncated => "truncated",
        CheckKind.OtherModel => "other_model",
        CheckKind.UsageAmiss => "usage_amiss",
        CheckKind.ArgumentsUnreadable => "arguments_unreadable",
        CheckKind.ArgumentsUnfit => "arguments_unfit",
        CheckKind.UnknownTool => "unknown_tool",
        CheckKind.SchemaUnfit => "schema_unfit",
        CheckKind.Repetition => "repetition",
        CheckKind.OtherScript => "other_script",
        _ => "refusal",
    };
}

/// <summary>What was found in one answer.</summary>
/// <param name="Bits">One for each kind.</param>
/// <param name="IsWhole">All checks looked at it; otherwise only those that are free.</param>
public readonly record struct CheckFindings(int Bits, bool IsWhole)
{
    /// <summary>Nothing, by the free checks.</summary>
    public static CheckFindings None => default;

    /// <summary>Nothing that a free check holds against it.</summary>
    public bool PassesFree => Passes(isFree: true);

    /// <summary>Nothing that another check holds against it.</summary>
    public bool PassesWhole => Passes(isFree: false);

    /// <summary>The same, and this.</summary>
    public CheckFindings With(CheckKind kind) => this with { Bits = Bits | (1 << (int)kind) };

    /// <summary>Whether it was found.</summary>
    public bool Has(CheckKind kind) => (Bits & (1 << (int)kind)) != 0;

    private bool Passes(bool isFree)
    {
        for (var kind = 0; Bits >> kind != 0; kind++)
        {
            if (Has((CheckKind)kind) && CheckKinds.IsFree((CheckKind)kind) == isFree && CheckKinds.IsFault((CheckKind)kind))
                return false;
        }

        return true;
    }
}
