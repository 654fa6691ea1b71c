using Trivet.Core.Ledger;

namespace Trivet.Core.Limits;

/// <summary>A budget or prepaid balance of a key, a team or an organisation, over all its windows. Long-lived: keys that are loaded anew find it again.</summary>
internal sealed class MoneyBound
{
    private const long MsPerDay = 24 * 60 * 60 * 1000;
    private const long MondayOffsetDays = 3; // 1970-01-01 was a Thursday

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Budget? _budget;
    private readonly (string Organisation, string Team, string KeyId) _owner;
    private AllowanceState? _current;

    /// <summary>A budget.</summary>
    public MoneyBound(Budget budget, string organisation, string team, string keyId, TimeProvider time)
    {
        (_budget, _owner, _time, Currency) = (budget, (organisation, team, keyId), time, budget.Currency);
    }

    /// <summary>A prepaid balance.</summary>
    public MoneyBound(string organisation, string team, string currency, TimeProvider time)
    {
        (_owner, _time, Currency) = ((organisation, team, ""), time, currency);
    }

    public string Currency { get; }

    /// <summary>A balance rather than a budget.</summary>
    public bool IsPrepaid => _budget is null;

    /// <summary>For messages: <c>the key's budget of 1.00USD/day</c>.</summary>
    public string Describe() => _budget is { } budget
        ? $"the {(_owner.KeyId.Length > 0 ? "key" : _owner.Team.Length > 0 ? "team" : "organisation")}'s budget of {budget}"
        : $"the {(_owner.Team.Length > 0 ? "team" : "organisation")}'s prepaid balance in {Currency}";

    /// <summary>The state of the window that a time (Unix milliseconds) lies in.</summary>
    public AllowanceState At(long nowMs)
    {
        var current = Volatile.Read(ref _current);
        if (current is not null && (current.Spec.EndsMs == 0 || nowMs < current.Spec.EndsMs) && nowMs >= current.Spec.StartsMs)
            return current;
        lock (_gate)
        {
            if (_current is { } there && (there.Spec.EndsMs == 0 || nowMs < there.Spec.EndsMs) && nowMs >= there.Spec.StartsMs)
                return there;
            var made = new AllowanceState(Spec(nowMs), _time);
            Volatile.Write(ref _current, made);
            return made;
        }
    }

    private AllowanceSpec Spec(long nowMs)
    {
        var (organisation, team, keyId) = _owner;
        if (_budget is not { } budget)
            return new AllowanceSpec(AccountNames.Customer(organisation, team, keyId, Currency), null, 0, 0, organisation, team, keyId, Currency);
        var (starts, ends, window) = Window(budget.Window, nowMs);
        return new AllowanceSpec(AccountNames.Budget(organisation, team, keyId, window, Currency), budget.AmountNano, starts, ends, organisation, team, keyId, Currency);
    }

    /// <summary>The window of a time (Unix milliseconds), and its name. All in UTC; weeks begin on Monday.</summary>
    internal static (long StartsMs, long EndsMs, string Name) Window(BudgetWindow window, long nowMs)
    {
        var day = nowMs / MsPerDay;
        switch (window)
        {
            case BudgetWindow.Day:
                return (day * MsPerDay, (day + 1) * MsPerDay, "day-" + Date(day * MsPerDay));
            case BudgetWindow.Week:
                var monday = day - (day + MondayOffsetDays) % 7;
                return (monday * MsPerDay, (monday + 7) * MsPerDay, "week-" + Date(monday * MsPerDay));
            case BudgetWindow.Month:
                var now = DateTimeOffset.FromUnixTimeMilliseconds(nowMs);
                var first = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
                return (first.ToUnixTimeMilliseconds(), first.AddMonths(1).ToUnixTimeMilliseconds(), "month-" + Date(first.ToUnixTimeMilliseconds())[..7]);
            default:
                return (0, 0, "total");
        }
    }

    private static string Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
