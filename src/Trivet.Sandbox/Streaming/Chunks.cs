namespace Trivet.Sandbox.Streaming;

/// <summary>A text in pieces of a fixed number of tokens, without allocating.</summary>
internal struct Chunks(string text, int tokensPerChunk)
{
    private int _at;

    public ReadOnlyMemory<char> Current { get; private set; }

    public int Tokens { get; private set; }

    public bool Next()
    {
        if (_at >= text.Length)
        {
            return false;
        }

        var end = SandboxTokenizer.End(text, _at, tokensPerChunk);
        Current = text.AsMemory(_at, end - _at);
        Tokens = tokensPerChunk == 1 ? 1 : SandboxTokenizer.Count(Current.Span);
        _at = end;
        return true;
    }
}
