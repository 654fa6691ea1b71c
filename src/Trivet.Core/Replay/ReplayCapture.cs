using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// Collects of one answer, while it streams, what must go back only to who gave it, and keeps it once the answer is complete. Sees the answer as the client
/// does: names and ids are those that the client will send back.
/// </summary>
/// <param name="memory">Where it is kept.</param>
/// <param name="scope">Whose it is.</param>
/// <param name="origin">Who answers.</param>
/// <param name="turnOrdinal">How many turns the model had before; −1 where that is not known.</param>
/// <param name="said">What the client has said before; nothing where that is not known.</param>
/// <param name="wantsThoughts">The vendor takes its plain thoughts back.</param>
/// <param name="showsBlobs">The client gets opaque values as they stand, so their origin is kept as well.</param>
internal sealed class ReplayCapture(ReplayMemory memory, ReplayScope scope, OpaqueOrigin origin, int turnOrdinal, ContentDigest said, bool wantsThoughts, bool showsBlobs)
{
    private readonly List<Open> _blocks = [];
    private ContentDigest _text;
    private bool _isKept;

    /// <summary>A block begins.</summary>
    public void Start(in BlockStart start) => _blocks.Add(new Open(start.Kind, start.Id.Detach(), start.Name.Detach(), start.Carrier) { IsPicture = start.Kind == BlockKind.Opaque && DrawnPicture.Of(start.Origin, start.Type, start.Raw) is not null });

    /// <summary>More of a text, of thoughts or of arguments.</summary>
    public void Add(int block, ReadOnlySpan<byte> token)
    {
        var open = _blocks[block];
        if (open.Kind is BlockKind.Text or BlockKind.Refusal)
        {
            _text.AddToken(token);
            open.IsEmpty &= token.Length <= 2;
        }
        else if (open.Kind != BlockKind.Opaque)
        {
            open.Text.Append(token);
        }
    }

    /// <summary>An attribute of a block.</summary>
    public void Attribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        var open = _blocks[block];
        if (attribute is BlockAttribute.ReasoningDetail)
        {
            (open.Details ??= []).Add(value.ToArray());
            return;
        }

        if (attribute is BlockAttribute.Citation || value.Length < 2 || value[0] != (byte)'"')
            return;
        var text = JsonText.FromToken(value.ToArray());
        switch (attribute)
        {
            case BlockAttribute.Signature:
                open.Signature = text;
                break;
            case BlockAttribute.Encrypted:
                open.Encrypted = text;
                break;
            default:
                open.ThoughtSignature = text;
                break;
        }
    }

    /// <summary>The mark that carries what has come of a block so far; null where nothing has.</summary>
    public string? MarkOf(int block)
    {
        var open = _blocks[block];
        var mark = new ForeignMark(origin.Issuer)
        {
            Protocol = origin.Protocol,
            Signature = open.Signature,
            Encrypted = open.Encrypted,
            ThoughtSignature = open.ThoughtSignature,
            Id = open.Id,
            IsRedacted = open.Kind == BlockKind.RedactedReasoning,
        };
        return mark.HasPayload ? ForeignSignature.Make(mark) : null;
    }

    /// <summary>
    /// The first call of the answer, which has no signature: Gemini's clients are shown a mark there, so that a request that Google gets does not lack one.
    /// </summary>
    public bool IsFirstBareCall(int block) =>
        _blocks[block] is { Kind: BlockKind.ToolCall, ThoughtSignature.IsNull: true } && _blocks.FindIndex(static open => open.Kind == BlockKind.ToolCall) == block;

    /// <summary>The mark that names who answers and carries nothing.</summary>
    public string BareMark => ForeignSignature.Make(origin.Issuer);

    /// <summary>The answer is complete: keeps what has to be. Once; further calls do nothing.</summary>
    public void Keep()
    {
        if (_isKept)
            return;
        _isKept = true;
        var parts = _blocks.FindAll(static open => open.Kind != BlockKind.Opaque || open.IsPicture).ConvertAll(static open => open.ToPart()); // of others no client sends a part back
        var hasThoughts = wantsThoughts && parts.Exists(static part => part is { Kind: ReplayPartKind.Thought, Text.IsEmpty: false });
        var keys = Keys();
        if (!hasThoughts && !parts.Exists(static part => part.IsOpaque))
        {
            memory.RememberNothing(keys, scope.Config);
            return;
        }

        if (keys.Count > 0)
            memory.Remember(scope.Organisation, new ReplayTurn(origin, parts), keys, scope.Config);
        if (!showsBlobs)
            return;
        foreach (var part in parts)
        {
            foreach (var blob in (ReadOnlySpan<JsonText>)[part.Signature, part.Encrypted, part.ThoughtSignature])
            {
                if (!blob.IsEmpty)
                    memory.RememberOrigin(scope.Organisation, ReplayKey.OfBlob(scope.Text, blob), origin, scope.Config);
            }
        }
    }

    private List<(ReplayKey, int)> Keys()
    {
        var keys = new List<(ReplayKey, int)>();
        var content = _text;
        var ordinal = 0;
        foreach (var open in _blocks)
        {
            if (open.Kind != BlockKind.ToolCall)
                continue;
            var (name, arguments) = (open.Name.ToString(), ContentDigest.OfArguments(open.Text.Decode()));
            ReplayDigests.AddCall(ref content, name, arguments);
            if (!open.Id.IsEmpty)
            {
                foreach (var id in ReplayKey.IdForms(open.Id.ToString()))
                {
                    keys.Add((ReplayKey.OfCall(scope.Text, id, name, arguments), ordinal));
                    if (ReplayKey.OfCallId(scope.Text, id, name) is { } telling)
                        keys.Add((telling, ordinal));
                }
            }

            ordinal++;
        }

        if (content.Length == 0)
            ReplayDigests.AddPictures(ref content, _blocks.Count(static open => open.IsPicture));
        if (ReplayKey.OfTurnAfter(scope.Text, turnOrdinal, content, said) is { } after)
            keys.Add((after, -1));
        if (ReplayKey.OfTurn(scope.Text, turnOrdinal, content) is { } turn)
            keys.Add((turn, -1));
        return keys;
    }

    private sealed class Open(BlockKind kind, JsonText id, JsonText name, ReasoningCarrier carrier)
    {
        public BlockKind Kind => kind;

        public JsonText Id => id;

        public JsonText Name => name;

        public TokenBuffer Text { get; } = new();

        public bool IsEmpty { get; set; } = true;

        public bool IsPicture { get; init; }

        public JsonText Signature { get; set; }

        public JsonText Encrypted { get; set; }

        public JsonText ThoughtSignature { get; set; }

        public List<byte[]>? Details { get; set; }

        public ReplayPart ToPart() => kind switch
        {
            BlockKind.Reasoning or BlockKind.RedactedReasoning => new ReplayPart(ReplayPartKind.Thought)
            {
                Text = kind == BlockKind.Reasoning ? Text.ToText() : default,
                Signature = Signature,
                Encrypted = Encrypted,
                ThoughtSignature = ThoughtSignature,
                Id = id,
                Details = Details is null ? default : ArrayOf(Details),
                IsRedacted = kind == BlockKind.RedactedReasoning,
                Carrier = carrier,
            },
            BlockKind.ToolCall => new ReplayPart(ReplayPartKind.Call) { ThoughtSignature = ThoughtSignature },
            BlockKind.Opaque => new ReplayPart(ReplayPartKind.Picture) { ThoughtSignature = ThoughtSignature },
            _ => new ReplayPart(IsEmpty && !ThoughtSignature.IsNull ? ReplayPartKind.EmptyText : ReplayPartKind.Text) { ThoughtSignature = ThoughtSignature },
        };

        private static RawJson ArrayOf(List<byte[]> elements)
        {
            var array = new ArrayBufferWriter<byte>();
            foreach (var element in elements)
            {
                array.Write(array.WrittenCount == 0 ? "["u8 : ","u8);
                array.Write(element);
            }

            array.Write("]"u8);
            return new RawJson(array.WrittenMemory);
        }
    }
}

/// <summary>How calls count in a turn's digest, and what was said before it: the same way when it is kept and when it is looked for.</summary>
internal static class ReplayDigests
{
    /// <summary>Of a text no more than this counts, at its beginning and at its end: it tells conversations apart and costs a long one nothing.</summary>
    private const int SaidBytesMax = 512;

    /// <summary>What the client said first, and what it said last before one of the model's turns, texts and results of tools.</summary>
    public static ContentDigest Said(List<Turn> turns, int before)
    {
        var said = new ContentDigest();
        var first = turns.FindIndex(0, before, static turn => turn.Role == Role.User);
        if (first < 0)
            return said;
        AddTexts(ref said, turns[first].Blocks);
        for (var last = before - 1; last > first && turns[last].Role != Role.Assistant; last--)
            AddTexts(ref said, turns[last].Blocks);
        return said;
    }

    private static void AddTexts(ref ContentDigest said, List<Block> blocks)
    {
        foreach (var block in blocks)
        {
            if (block is ToolResultBlock result)
                AddTexts(ref said, result.Content);
            if (block is not TextBlock text)
                continue;
            var token = text.Text.ToToken().Span;
            said.Add(token[..Math.Min(token.Length, SaidBytesMax)]);
            said.Add(token[Math.Max(token.Length - SaidBytesMax, 0)..]);
        }
    }

    /// <summary>Whether a block of a request holds a picture, in whatever protocol it came.</summary>
    public static bool IsPicture(Block block) => block is MediaBlock { Kind: MediaKind.Image } || block is OpaqueBlock opaque && DrawnPicture.Of(opaque.Origin, opaque.Type, opaque.Raw) is not null;

    /// <summary>A turn that says nothing else is told by how many pictures it has.</summary>
    public static void AddPictures(ref ContentDigest content, int pictures)
    {
        if (pictures > 0)
            content.Add((ulong)pictures);
    }

    /// <summary>Mixes in a call.</summary>
    public static void AddCall(ref ContentDigest content, string name, ulong arguments)
    {
        content.Add(System.Text.Encoding.UTF8.GetBytes(name));
        content.Add(arguments);
    }
}
