using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Components;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Key">What it is sorted by in the address; null where it is not sorted by.</param>
/// <param name="IsNumber">Set to the right, in figures of one width.</param>
public sealed record TableColumn(string Title, string? Key = null, bool IsNumber = false);

/// <summary>The order of a table as the address has it: <c>sort=name</c>, <c>sort=-cost</c> for the other way.</summary>
/// <param name="Key">Which column.</param>
/// <param name="IsDescending">The largest first.</param>
public readonly record struct TableSort(string Key, bool IsDescending)
{
    /// <summary>What the address says; <paramref name="otherwise"/> where it says nothing.</summary>
    internal static TableSort Of(ConsoleContext page, string otherwise)
    {
        var text = page.Query("sort") ?? otherwise;
        return text.StartsWith('-') ? new TableSort(text[1..], true) : new TableSort(text, false);
    }

    /// <summary>Sorts rows; a column that is none leaves them as they are.</summary>
    public IReadOnlyList<TRow> Apply<TRow>(IEnumerable<TRow> rows, IReadOnlyDictionary<string, Func<TRow, IComparable?>> keys)
    {
        if (!keys.TryGetValue(Key, out var key))
            return [.. rows];
        return IsDescending ? [.. rows.OrderByDescending(key)] : [.. rows.OrderBy(key)];
    }
}
