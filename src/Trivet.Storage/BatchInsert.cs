namespace Trivet.Storage;

/// <summary>One column of a batch: its name, whether it holds a BIGINT (otherwise TEXT), and where its value comes from.</summary>
internal sealed record BatchColumn<T>(string Name, Func<T, long?>? NumberOf, Func<T, string?>? TextOf)
{
    public bool IsNumber => NumberOf is not null;

    public static BatchColumn<T> Text(string name, Func<T, string?> value) => new(name, null, value);

    public static BatchColumn<T> Number(string name, Func<T, long?> value) => new(name, value, null);

    public static BatchColumn<T> Flag(string name, Func<T, bool> value) => new(name, row => value(row) ? 1L : 0L, null);

    /// <summary>The value as an object, for engines that take no other.</summary>
    public object? Value(T row) => NumberOf is null ? TextOf!(row) : NumberOf(row);
}

/// <summary>An insert of many rows of one shape, in each engine's fastest idempotent form.</summary>
internal sealed class BatchInsert<T>
{
    /// <param name="table">The table.</param>
    /// <param name="onConflict">What follows <c>ON CONFLICT</c>; the table's own row goes by its name, the new one by <c>excluded</c>.</param>
    /// <param name="id">The value of the <c>id</c> column, where it must be known which rows were new.</param>
    /// <param name="columns">All columns.</param>
    public BatchInsert(string table, string onConflict, Func<T, string>? id, IReadOnlyList<BatchColumn<T>> columns)
    {
        Columns = columns;
        Id = id;
        var names = string.Join(", ", columns.Select(column => column.Name));
        var values = string.Join(", ", columns.Select((_, index) => $"@p{index}"));
        var arrays = string.Join(", ", columns.Select((column, index) => $"@p{index}::{(column.IsNumber ? "bigint" : "text")}[]"));
        ValuesSql = $"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT {onConflict}";
        UnnestSql = $"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT {onConflict}{(id is null ? "" : " RETURNING id")}";
    }

    public IReadOnlyList<BatchColumn<T>> Columns { get; }

    public Func<T, string>? Id { get; }

    /// <summary>One row, for a prepared statement.</summary>
    public string ValuesSql { get; }

    /// <summary>All rows at once, one array per column (PostgreSQL).</summary>
    public string UnnestSql { get; }
}
