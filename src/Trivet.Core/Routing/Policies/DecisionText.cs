using System.Globalization;

namespace Trivet.Core.Routing.Policies;

/// <summary>A decision in a line: what the request's record and <c>x-trivet-route</c> keep of it.</summary>
internal static class DecisionText
{
    /// <summary>The longest line.</summary>
    public const int CharsMax = 240;

    /// <summary><c>cheap: lab 0.00124 USD 2.1s q.96; next relay +38%; out: far(regions)</c>.</summary>
    public static string Reason(ReadOnlySpan<Candidate> candidates, PolicyConfig policy)
    {
        var text = new Line(stackalloc char[CharsMax]);
        text.Add(policy.Name);
        ref readonly var first = ref candidates[0];
        if (first.Level == Candidate.Never)
        {
            text.Add(": no offering meets the floors");
        }
        else
        {
            text.Add(": ");
            text.Add(first.Offering.Upstream.Name);
            AddFigures(ref text, first, policy);
            AddCircumstances(ref text, first, policy);
            if (candidates.Length > 1 && candidates[1].Level != Candidate.Never)
                AddNext(ref text, first, candidates[1], policy);
        }

        AddOut(ref text, candidates);
        return text.ToString();
    }

    /// <summary>The floors in words: <c>quality, first_content</c>.</summary>
    public static string Words(Floor floors) => string.Join(", ", PolicyWords.Floors.Where(word => (floors & word.Value) != 0).Select(word => word.Key));

    private static void AddFigures(ref Line text, in Candidate candidate, PolicyConfig policy)
    {
        text.Add(" ");
        if (double.IsNaN(candidate.CostNano))
        {
            text.Add("unpriced");
        }
        else
        {
            text.Add(candidate.CostNano / 1e9, "0.######");
            text.Add(" ");
            text.Add(policy.Currency);
        }

        text.Add(" ");
        text.Add(candidate.Seconds, "0.0");
        text.Add("s q");
        text.Add(candidate.Quality, ".00");
    }

    private static void AddCircumstances(ref Line text, in Candidate first, PolicyConfig policy)
    {
        if (first.Level > 0)
        {
            text.Add(", without ");
            for (var i = 0; i < first.Level; i++)
            {
                text.Add(i == 0 ? "" : ", ");
                text.Add(PolicyWords.Of(policy.Relax[i]));
            }
        }

        if (first.CachedTokens >= 1)
        {
            text.Add(", warm ");
            text.Add(first.CachedTokens, "0");
        }

        if (first.IsIncumbent)
            text.Add(", stays");
        if (first.TaskRank == 0 && policy.Tasks.Count > 0)
            text.Add(", preferred");
    }

    private static void AddNext(ref Line text, in Candidate first, in Candidate next, PolicyConfig policy)
    {
        text.Add("; next ");
        text.Add(next.Offering.Upstream.Name);
        if (next.Standing != first.Standing)
        {
            text.Add(" ");
            text.Add(PolicyWords.Of(next.Standing));
            return;
        }

        var (mine, others) = policy.Aim == PolicyAim.Fastest ? (first.Seconds, next.Seconds) : (first.CostNano, next.CostNano);
        if (policy.Aim == PolicyAim.Best && first.Quality - next.Quality > 0.01)
        {
            text.Add(" q");
            text.Add(next.Quality, ".00");
        }
        else if (mine > 0 && !double.IsNaN(others))
        {
            text.Add(others >= mine ? " +" : " ");
            text.Add((others / mine - 1) * 100, "0");
            text.Add("%");
        }
    }

    private static void AddOut(ref Line text, ReadOnlySpan<Candidate> candidates)
    {
        var isFirst = true;
        foreach (ref readonly var candidate in candidates)
        {
            if (candidate.Level != Candidate.Never)
                continue;
            text.Add(isFirst ? "; out: " : ", ");
            isFirst = false;
            text.Add(candidate.Offering.Upstream.Name);
            text.Add("(");
            var isFirstFloor = true;
            foreach (var (word, floor) in PolicyWords.Floors)
            {
                if ((candidate.Failed & floor) == 0)
                    continue;
                text.Add(isFirstFloor ? "" : " ");
                text.Add(word);
                isFirstFloor = false;
            }

            text.Add(")");
        }
    }

    // What does not fit is left out.
    private ref struct Line(Span<char> room)
    {
        private readonly Span<char> _room = room;
        private int _length;

        public void Add(string text)
        {
            var taken = Math.Min(text.Length, _room.Length - _length);
            text.AsSpan(0, taken).CopyTo(_room[_length..]);
            _length += taken;
        }

        public void Add(double value, string format)
        {
            if (value.TryFormat(_room[_length..], out var written, format, CultureInfo.InvariantCulture))
                _length += written;
        }

        public override readonly string ToString() => new(_room[.._length]);
    }
}
