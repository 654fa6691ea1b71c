namespace Trivet.Core.Scorecards;

/// <summary>What audits have concluded of an offering, the better first.</summary>
public enum AuditStanding : byte
{
    /// <summary>Nothing speaks against it.</summary>
    Clean,

    /// <summary>Something was found that a person should look at; routing does nothing.</summary>
    Noted,

    /// <summary>Suspicious: it stands behind those that are not.</summary>
    DownWeighted,

    /// <summary>Found to serve something else than it sells: no request goes there while another candidate is left.</summary>
    Quarantined,
}

/// <summary>How wide a window of the budget of errors is.</summary>
public enum BurnWindow : byte
{
    /// <summary>Five minutes.</summary>
    FiveMinutes,

    /// <summary>Half an hour.</summary>
    HalfHour,

    /// <summary>An hour.</summary>
    Hour,

    /// <summary>Six hours.</summary>
    SixHours,
}
