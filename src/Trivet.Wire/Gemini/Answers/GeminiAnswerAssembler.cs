using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>
/// Makes blocks of the parts of an answer, which has none: texts in a row are one block, and thoughts; a call is one, whole or in pieces; data of any other
/// kind is a block that only Gemini knows. The same for a stream and for a whole answer, which is one chunk: so both tell the same.
/// <para>
/// A signature belongs to its part, so text behind a signed part is another block. A signature on an empty part belongs to the text or the thoughts that are
/// open; where none are, to an empty text block of its own, which other protocols do not show.
/// </para>
/// </summary>
internal sealed class GeminiAnswerAssembler(IStreamSink sink)
{
    private const int None = -1;

    private readonly ArrayBufferWriter<byte> _token = new(256);
    private readonly byte[]?[] _citations = new byte[]?[GeminiCitations.Kinds];
    private OpenCall? _call;
    private int _next;
    private int _open = None;
    private BlockKind _openKind;
    private bool _isSigned;
    private int _calls;

    public StreamStart Start { get; set; }

    public bool HasContent { get; private set; }

    public bool HasToolCalls => _calls > 0;

    /// <summary>What makes the answer unusable.</summary>
    public WireError? Fault { get; private set; }

    /// <summary>Takes what a chunk says.</summary>
    public void Take(ReadOnlySpan<byte> data, GeminiChunk chunk)
    {
        foreach (ref readonly var part in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunk.Parts))
        {
            HasContent |= part.HasContent;
            if (!part.Call.IsEmpty)
                Call(GeminiCallDelta.Read(part.Call.Of(data)), part.Signature.Of(data));
            else if (!part.DataName.IsEmpty)
                Data(data, in part);
            else
                Text(data, in part);
        }

        Keep(0, chunk.Grounding.Of(data));
        Keep(1, chunk.Citations.Of(data));
        Keep(2, chunk.UrlContext.Of(data));
    }

    /// <summary>The end: ends every block.</summary>
    public void Finish()
    {
        EndCall();
        for (var i = 0; i < _citations.Length; i++)
        {
            if (_citations[i] is not { } metadata)
                continue;
            Open(BlockKind.Text);
            _token.ResetWrittenCount();
            GeminiCitations.Write(i, metadata, _token);
            sink.OnBlockAttribute(_open, BlockAttribute.Citation, _token.WrittenSpan);
        }

        Close();
    }

    // Said anew with every chunk that has more of it, and about the whole answer: the last one counts.
    private void Keep(int kind, ReadOnlySpan<byte> metadata)
    {
        if (metadata.Length > 2)
            _citations[kind] = metadata.ToArray();
    }

    private void Text(ReadOnlySpan<byte> data, in GeminiPart part)
    {
        var kind = part.IsThought ? BlockKind.Reasoning : BlockKind.Text;
        if (part.Text.Length > 2)
        {
            EndCall();
            if (_isSigned)
                Close();
            Open(kind);
            if (part.IsThought)
                sink.OnReasoningDelta(_open, part.Text.Of(data));
            else
                sink.OnTextDelta(_open, part.Text.Of(data));
        }

        if (part.Signature.Length <= 2)
            return;
        EndCall();
        if (_isSigned)
            Close();
        Open(kind);
        sink.OnBlockAttribute(_open, BlockAttribute.ThoughtSignature, part.Signature.Of(data));
        _isSigned = true;
    }

    private void Open(BlockKind kind)
    {
        if (_open != None && _openKind == kind)
            return;
        Close();
        (_open, _openKind) = (_next++, kind);
        sink.OnBlockStart(_open, new BlockStart { Kind = kind, Origin = Protocol.Gemini });
    }

    private void Close()
    {
        _isSigned = false;
        if (_open == None)
            return;
        sink.OnBlockEnd(_open);
        _open = None;
    }

    // The signature stands within the raw part, too; it is told for those who keep it.
    private void Data(ReadOnlySpan<byte> data, in GeminiPart part)
    {
        EndCall();
        Close();
        var start = new BlockStart { Kind = BlockKind.Opaque, Origin = Protocol.Gemini, Type = part.DataName.TextOf(data), Raw = new RawJson(part.Whole.Of(data).ToArray()) };
        sink.OnBlockStart(_next, in start);
        if (part.Signature.Length > 2)
            sink.OnBlockAttribute(_next, BlockAttribute.ThoughtSignature, part.Signature.Of(data));
        sink.OnBlockEnd(_next++);
    }

    private void Call(GeminiCallDelta delta, ReadOnlySpan<byte> signature)
    {
        var name = Decode(delta.Name);
        if (_call is null || name.Length > 0 && name != _call.Name)
        {
            if (name.Length == 0)
            {
                if (delta.Args.Length > 2)
                    Fault ??= new WireError { Class = ErrorClass.Server, Message = "The upstream sent a tool call without a name.", Code = "upstream_invalid_event" };
                return; // the end of a call in pieces, said twice
            }

            EndCall();
            Close();
            _call = new OpenCall(_next++, name);
            var id = delta.Id.Length > 2 ? Decode(delta.Id) : MakeId(name, delta.Args);
            _calls++;
            sink.OnBlockStart(_call.Block, new BlockStart { Kind = BlockKind.ToolCall, Id = id, Name = name, Origin = Protocol.Gemini });
        }

        if (delta.Args.Length > 0)
            Arguments(_call, delta.Args);
        if (delta.PartialArgs.Length > 0)
            (_call.Pieces ??= new GeminiPartialArguments()).Take(delta.PartialArgs);
        if (signature.Length > 2)
            sink.OnBlockAttribute(_call.Block, BlockAttribute.ThoughtSignature, signature);
        if (!delta.WillContinue)
            EndCall();
    }

    // A string around the arguments, or the arguments themselves, as the protocol has them.
    private void Arguments(OpenCall call, ReadOnlySpan<byte> args)
    {
        if (call.HasArguments)
            return;
        call.HasArguments = true;
        if (args[0] == (byte)'"')
        {
            sink.OnArgumentsDelta(call.Block, args);
            return;
        }

        _token.ResetWrittenCount();
        JsonTokens.Quote(args, _token);
        sink.OnArgumentsDelta(call.Block, _token.WrittenSpan);
    }

    private void EndCall()
    {
        if (_call is not { } call)
            return;
        _call = null;
        if (call.Pieces is { } pieces)
        {
            var arguments = new ArrayBufferWriter<byte>();
            pieces.WriteTo(arguments);
            Arguments(call, arguments.WrittenSpan);
        }

        sink.OnBlockEnd(call.Block);
    }

    // Google names its calls in one of ten answers. The same answer read twice gives the same ids, another answer others: its own id is unique; without one,
    // what is called tells calls apart.
    private string MakeId(string name, ReadOnlySpan<byte> args)
    {
        var hasher = new PrefixHasher();
        hasher.Add(Encoding.UTF8.GetBytes(Start.Id));
        if (Start.Id.Length == 0)
        {
            hasher.Add(BitConverter.GetBytes(Start.CreatedAt));
            hasher.Add(args);
        }

        hasher.Add(Encoding.UTF8.GetBytes(name));
        return $"call_{hasher.Value:x16}{_calls}";
    }

    private static string Decode(ReadOnlySpan<byte> token) => token.Length <= 2 ? "" : JsonText.FromToken(token.ToArray()).ToString();

    private sealed class OpenCall(int block, string name)
    {
        public int Block { get; } = block;

        public string Name { get; } = name;

        public GeminiPartialArguments? Pieces { get; set; }

        public bool HasArguments { get; set; }
    }
}
