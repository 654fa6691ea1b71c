using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>
/// The arguments of a call that Vertex streams in pieces (<c>partialArgs</c>): each names a place by a JSON path and holds a scalar, or a piece of a string
/// of which more follows (<c>willContinue</c>). A string that is never finished is left out: a half-written command is not handed to an agent.
/// Source: Vertex AI reference, FunctionCall and PartialArg, November 2026.
/// </summary>
internal sealed class GeminiPartialArguments
{
    private const int IndexMax = 100_000;
    private readonly Node _root = new() { Kind = NodeKind.Object };

    /// <summary>Takes the raw array of a piece of a call.</summary>
    public void Take(ReadOnlySpan<byte> partialArgs)
    {
        var reader = new Utf8JsonReader(partialArgs, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                TakeOne(partialArgs, ref reader);
            else
                reader.Skip();
        }
    }

    /// <summary>Writes what has come as one JSON object.</summary>
    public void WriteTo(IBufferWriter<byte> output) => _root.WriteTo(output);

    private void TakeOne(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        var (path, willContinue) = ("", false);
        ReadOnlySpan<byte> value = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var type = reader.TokenType;
            var raw = GeminiChunk.Value(ref reader);
            if (name.SequenceEqual("jsonPath"u8) && type == JsonTokenType.String)
                path = raw.TextOf(data);
            else if (name.SequenceEqual("willContinue"u8))
                willContinue = type == JsonTokenType.True;
            else if (name.SequenceEqual("nullValue"u8))
                value = "null"u8; // the word NULL_VALUE stands for it
            else if (name.SequenceEqual("stringValue"u8) || name.SequenceEqual("numberValue"u8) || name.SequenceEqual("boolValue"u8))
                value = raw.Of(data);
        }

        if (Find(path) is { } leaf && leaf != _root)
            leaf.Set(value, willContinue);
    }

    // $.a.b[0]['c d']: the names and indices of RFC 9535 that stand for one place.
    private Node? Find(string path)
    {
        var node = _root;
        var depth = 0;
        for (var at = path.StartsWith('$') ? 1 : 0; at < path.Length;)
        {
            if (++depth >= GeminiChunk.DepthMax - 8)
                return null;
            if (path[at] != '[')
            {
                at += path[at] == '.' ? 1 : 0;
                var end = path.AsSpan(at).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : at + end;
                node = node.Member(path[at..end]);
                at = end;
                continue;
            }

            var close = CloseOf(path, at);
            if (close < 0)
                return null;
            var inner = path[(at + 1)..close];
            if (inner is ['\'' or '"', .., '\'' or '"'])
                node = node.Member(inner[1..^1].Replace("\\'", "'").Replace("\\\"", "\"").Replace("\\\\", "\\"));
            else if (int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= IndexMax)
                node = node.Element(index);
            else
                return null;
            at = close + 1;
        }

        return node;
    }

    private static int CloseOf(string path, int open)
    {
        if (open + 1 >= path.Length || path[open + 1] is not ('\'' or '"'))
            return path.IndexOf(']', open);
        for (var i = open + 2; i < path.Length; i++)
        {
            if (path[i] == '\\')
                i++;
            else if (path[i] == path[open + 1])
                return i + 1 < path.Length && path[i + 1] == ']' ? i + 1 : -1;
        }

        return -1;
    }

    private enum NodeKind : byte
    {
        Nothing,
        Object,
        Array,
        Text,
        Scalar,
    }

    private sealed class Node
    {
        private List<(string Name, Node Value)>? _members;
        private List<Node>? _elements;
        private TokenBuffer? _text;
        private byte[] _scalar = [];
        private bool _isOpen;

        public NodeKind Kind { get; set; }

        public Node Member(string name)
        {
            Kind = NodeKind.Object;
            _members ??= [];
            foreach (var (known, value) in _members)
            {
                if (known == name)
                    return value;
            }

            var made = new Node();
            _members.Add((name, made));
            return made;
        }

        public Node Element(int index)
        {
            Kind = NodeKind.Array;
            _elements ??= [];
            while (_elements.Count <= index)
                _elements.Add(new Node());
            return _elements[index];
        }

        public void Set(ReadOnlySpan<byte> value, bool willContinue)
        {
            _isOpen = willContinue;
            if (value.IsEmpty)
                return; // the end of a string: no further piece
            if (value[0] == (byte)'"')
            {
                Kind = NodeKind.Text;
                (_text ??= new TokenBuffer()).Append(value);
                return;
            }

            (Kind, _scalar) = (NodeKind.Scalar, value.ToArray());
        }

        public void WriteTo(IBufferWriter<byte> output)
        {
            switch (Kind)
            {
                case NodeKind.Object:
                    WriteMembers(output);
                    break;
                case NodeKind.Array:
                    output.Write("["u8);
                    for (var i = 0; i < _elements!.Count; i++)
                    {
                        output.Write(i == 0 ? default : ","u8);
                        _elements[i].WriteTo(output);
                    }

                    output.Write("]"u8);
                    break;
                case NodeKind.Text when !_isOpen:
                    output.Write(_text!.AsToken());
                    break;
                case NodeKind.Scalar:
                    output.Write(_scalar);
                    break;
                default:
                    output.Write("null"u8);
                    break;
            }
        }

        private void WriteMembers(IBufferWriter<byte> output)
        {
            output.Write("{"u8);
            var isFirst = true;
            foreach (var (name, value) in _members ?? [])
            {
                if (value.Kind == NodeKind.Nothing || value._isOpen)
                    continue;
                output.Write(isFirst ? default : ","u8);
                isFirst = false;
                JsonTokens.Quote(Encoding.UTF8.GetBytes(name), output);
                output.Write(":"u8);
                value.WriteTo(output);
            }

            output.Write("}"u8);
        }
    }
}
