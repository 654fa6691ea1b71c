using System.Globalization;
using System.Text;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// Something that one protocol cannot say as another said it. Each writer declares its own as static members of its <c>*Losses</c> class;
/// the loss table of <c>docs/wire.md</c> is generated from them.
/// </summary>
/// <param name="Field">The field in the words of the protocol it came from, as <c>x-trivet-lost</c> names it.</param>
/// <param name="Effect">What becomes of it.</param>
/// <param name="Target">The protocol that cannot say it.</param>
/// <param name="Bounds">The field bounds the answer: losing it silently would give the client something that it forbade.</param>
/// <param name="Why">One sentence for people.</param>
public sealed record LossRule(string Field, LossEffect Effect, Protocol Target, bool Bounds, string Why)
{
    /// <summary>How the gateway keeps what the target cannot: where it does, nothing is lost.</summary>
    public Enforcement Enforcement { get; init; }
}

/// <summary>What the gateway itself can keep in an upstream's stead.</summary>
public enum Enforcement : byte
{
    /// <summary>Nothing: it is lost.</summary>
    None,

    /// <summary>Stop sequences: the answer is ended before the first of them (<see cref="StopSequenceSink"/>).</summary>
    StopSequences,

    /// <summary>A ban on parallel tool calls: the first call of an answer goes on (<see cref="SingleCallSink"/>).</summary>
    SingleCall,

    /// <summary>A schema of the answer: it is held against it, on routes that ask for that.</summary>
    Schema,

    /// <summary>A tool that must be called: it is looked for, on routes that ask for that.</summary>
    ForcedTool,
}

/// <summary>What becomes of a field that the target cannot say.</summary>
public enum LossEffect : byte
{
    /// <summary>Left out.</summary>
    Dropped,

    /// <summary>Said with another value (clamped, mapped by a table, made legal).</summary>
    Changed,

    /// <summary>Said in another place or form, in which some of its meaning is lost.</summary>
    Moved,
}

/// <summary>What a translation dropped or changed. Each field is named once, however often it occurs.</summary>
public sealed class LossList
{
    // What a client invents is named as far as anybody would read it: the list goes into a header and into the books.
    private const int UnknownCharsMax = 80;
    private const int UnknownMax = 128;
    private const int TextCharsMax = 2000;

    /// <summary>What a message of a Responses answer is (commentary, the final answer), as it stands with the message's first text.</summary>
    internal const string MessagePhase = "message.phase";

    private readonly List<LossRule> _rules = [];

    /// <summary>The rules that applied, in order of first use.</summary>
    public IReadOnlyList<LossRule> Rules => _rules;

    /// <summary>Nothing was lost.</summary>
    public bool IsEmpty => _rules.Count == 0;

    /// <summary>Notes a loss.</summary>
    public void Add(LossRule rule)
    {
        if (!_rules.Contains(rule))
            _rules.Add(rule);
    }

    /// <summary>Notes an unknown field of the origin that the target has no home for.</summary>
    public void AddUnknown(string field, Protocol target)
    {
        // One tells a build of OpenAI's machines from another, one says the stop reason again in words: nothing that a client of another vendor could miss.
        if (_rules.Count >= UnknownMax)
            field = "more";
        else if (field.Length > UnknownCharsMax)
            field = field[..(char.IsHighSurrogate(field[UnknownCharsMax - 1]) ? UnknownCharsMax - 1 : UnknownCharsMax)] + "...";
        if (field is not ("system_fingerprint" or "candidate.finishMessage"))
            Add(new LossRule(field, LossEffect.Dropped, target, Bounds: false, "A field that Trivet does not know is kept only between two ends of the same protocol."));
    }

    /// <summary>The same of a field that was kept; nothing is lost with one that says nothing, as SDKs send <c>mcp_servers: []</c>, or no more than the default.</summary>
    public void AddUnknown(string prefix, ExtraField field, Protocol target)
    {
        if (!field.Value.SaysNothing && !IsDefault(field) && !LogProbabilities.IsSaidBy(target, field.Name))
            AddUnknown(prefix + field.Name, target);
    }

    // Words are what every protocol answers with unless it is asked for more.
    private static bool IsDefault(ExtraField field) =>
        field.Name is "modalities" or "generationConfig.responseModalities" && string.Equals(field.Value.ToString().Trim('[', ']', ' '), "\"text\"", StringComparison.OrdinalIgnoreCase);

    /// <summary>Notes the fields of an answer that its reader had no word for.</summary>
    public void AddUnsaid(IReadOnlyList<string> fields, Protocol target)
    {
        foreach (var field in fields)
        {
            var isSaid = field == MessagePhase ? target == Protocol.OpenAIResponses : LogProbabilities.IsSaidBy(target, field); // by its writer
            if (!isSaid)
                AddUnknown(field, target);
        }
    }

    /// <summary>Notes the fields of a text of an answer that only the text's own protocol has.</summary>
    internal void AddExtra(TextBlock text, Protocol target)
    {
        foreach (var field in text.Extra ?? [])
            AddUnknown("", field, target);
    }

    /// <summary>Takes the losses off that <paramref name="enforcement"/> makes good. True where there were any.</summary>
    public bool MakeGood(Enforcement enforcement) => _rules.RemoveAll(rule => rule.Enforcement == enforcement) > 0;

    /// <summary>Fields for the <c>x-trivet-lost</c> header, comma-separated; each prefixed by nothing when dropped, by <c>~</c> when changed or moved.</summary>
    public override string ToString()
    {
        var names = _rules.Select(rule => rule.Effect == LossEffect.Dropped ? rule.Field : "~" + rule.Field).Distinct(StringComparer.Ordinal);
        if (_rules.Count <= TextCharsMax / (2 * UnknownCharsMax))
            return string.Join(", ", names);
        var (text, untold) = (new StringBuilder(), 0);
        foreach (var name in names)
        {
            if (text.Length + name.Length > TextCharsMax)
                untold++;
            else
                text.Append(text.Length == 0 ? "" : ", ").Append(name);
        }

        return untold == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $", and {untold} more").ToString();
    }
}
