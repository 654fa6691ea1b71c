using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing.Policies;

/// <summary>For which candidates of a request its policy had to give up floors, and how many. Empty for most requests, and costs them nothing then. Not thread-safe.</summary>
internal sealed class RelaxedLevels
{
    private readonly List<(Offering Offering, byte Level)> _levels = [];

    /// <summary>A candidate that is admitted at a level.</summary>
    public void Add(Offering offering, byte level)
    {
        if (level > 0)
            _levels.Add((offering, level));
    }

    /// <summary>All of another request's.</summary>
    public void AddRange(RelaxedLevels other) => _levels.AddRange(other._levels);

    /// <summary>Forgets all.</summary>
    public void Clear() => _levels.Clear();

    /// <summary>How many floors were given up for it; 0 where it meets them all.</summary>
    public int LevelOf(Offering offering)
    {
        foreach (var (relaxed, level) in _levels)
        {
            if (ReferenceEquals(relaxed, offering))
                return level;
        }

        return 0;
    }
}
