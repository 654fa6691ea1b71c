namespace Trivet.Wire.Json;

/// <summary>
/// Collects the byte ranges of an array's elements that are to be cut, each with a comma, so that legal JSON stays whichever of them go.
/// </summary>
internal ref struct ForeignRanges(List<(int Start, int Length)> ranges)
{
    private readonly List<(int Start, int Length)> _ranges = ranges;
    private int _keptEnd = -1;
    private int _previousEnd = -1;
    private int _pendingStart = -1;
    private bool _any;

    public readonly bool IsAllForeign => _any && _keptEnd < 0;

    // An element that is cut while nothing before it stays takes the comma behind it: its range reaches to here.
    public void OnElement(int start)
    {
        if (_pendingStart >= 0)
            _ranges.Add((_pendingStart, start - _pendingStart));
        _pendingStart = -1;
    }

    public void OnElementEnd(int start, int end, bool isForeign)
    {
        if (!isForeign)
            _keptEnd = end;
        else if (_keptEnd >= 0)
            _ranges.Add((_previousEnd, end - _previousEnd));
        else
            _pendingStart = start;
        _any |= isForeign;
        _previousEnd = end;
    }

    public void OnArrayEnd()
    {
        if (_pendingStart >= 0)
            _ranges.Add((_pendingStart, _previousEnd - _pendingStart));
        _pendingStart = -1;
    }
}
