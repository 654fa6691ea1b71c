using System.Globalization;
using System.Text;

namespace Trivet.WebConsole.Charts;

/// <summary>From values to places on a drawing, linear or logarithmic, with round marks.</summary>
internal sealed class ChartScale
{
    private const int MarksWanted = 4;

    private readonly double _from;
    private readonly double _to;
    private readonly double _start;
    private readonly double _end;

    /// <summary>A scale.</summary>
    /// <param name="from">The least value.</param>
    /// <param name="to">The largest.</param>
    /// <param name="start">Where the least is drawn.</param>
    /// <param name="end">Where the largest is drawn.</param>
    /// <param name="isLogarithmic">Each decade as wide as another; values must be above zero.</param>
    public ChartScale(double from, double to, double start, double end, bool isLogarithmic = false)
    {
        IsLogarithmic = isLogarithmic;
        _from = isLogarithmic ? Math.Log10(from) : from;
        _to = isLogarithmic ? Math.Log10(to) : to;
        if (_to <= _from)
            _to = _from + 1;
        _start = start;
        _end = end;
    }

    public bool IsLogarithmic { get; }

    /// <summary>Where a value is drawn; one beyond the ends, at the end.</summary>
    public double At(double value)
    {
        var share = ((IsLogarithmic ? Math.Log10(Math.Max(value, double.Epsilon)) : value) - _from) / (_to - _from);
        return _start + (Math.Clamp(share, 0, 1) * (_end - _start));
    }

    /// <summary>Round values within the scale, for its marks.</summary>
    public IReadOnlyList<double> Marks()
    {
        if (IsLogarithmic)
        {
            var decades = Enumerable.Range((int)Math.Ceiling(_from - 1e-9), Math.Max(0, (int)Math.Floor(_to + 1e-9) - (int)Math.Ceiling(_from - 1e-9) + 1)).Select(power => Math.Pow(10, power)).ToList();
            return decades.Count >= 2 ? decades : [Math.Pow(10, _from), Math.Pow(10, _to)];
        }

        var rough = (_to - _from) / MarksWanted;
        var power10 = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = (rough / power10) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 } * power10;
        var marks = new List<double>();
        for (var mark = Math.Ceiling(_from / step) * step; mark <= _to + (step * 1e-6); mark += step)
            marks.Add(mark);
        return marks;
    }
}

/// <summary>Numbers and paths as SVG writes them.</summary>
internal static class Svg
{
    /// <summary>One decimal is a tenth of a pixel.</summary>
    public static string N(double number) => (Math.Round(number, 1) + 0.0).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A line through points; it breaks where one is not known.</summary>
    public static string Line(IEnumerable<(double X, double Y)?> points)
    {
        var path = new StringBuilder();
        var isDown = false;
        foreach (var point in points)
        {
            if (point is not { } known)
            {
                isDown = false;
                continue;
            }

            path.Append(isDown ? 'L' : 'M').Append(N(known.X)).Append(' ').Append(N(known.Y));
            isDown = true;
        }

        return path.ToString();
    }

    /// <summary>A closed shape.</summary>
    public static string Shape(IEnumerable<(double X, double Y)> points) => Line(points.Select(point => ((double, double)?)point)) + "Z";
}
