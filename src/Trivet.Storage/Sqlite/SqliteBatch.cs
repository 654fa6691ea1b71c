using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Trivet.Storage.Sqlite;

/// <summary>
/// One prepared insert for the rows of a batch. On the driver's statement and not its command, because the command looks every parameter up by its name for
/// every row, which cost more than the insert itself. A binding stays until it is replaced, and most of a row (organisation, upstream, models) is that of the
/// row before: only what differs is bound, about a fourth of the columns.
/// </summary>
internal sealed class SqliteBatch<T> : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly IReadOnlyList<BatchColumn<T>> _columns;
    private readonly long?[] _numbers;
    private readonly string?[] _texts;
    private byte[] _utf8 = new byte[256];

    public SqliteBatch(SqliteConnection connection, BatchInsert<T> insert)
    {
        _connection = connection.Handle!;
        _columns = insert.Columns;
        _numbers = new long?[_columns.Count];
        _texts = new string?[_columns.Count];
        Check(raw.sqlite3_prepare_v2(_connection, insert.ValuesSql, out _statement));
    }

    /// <summary>Inserts a row; false where it was there already.</summary>
    public bool Insert(T row)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_columns[i].NumberOf is { } number)
                BindNumber(i, number(row));
            else
                BindText(i, _columns[i].TextOf!(row));
        }

        var result = raw.sqlite3_step(_statement);
        var isNew = result == raw.SQLITE_DONE && raw.sqlite3_changes(_connection) > 0;
        Check(raw.sqlite3_reset(_statement));
        return isNew;
    }

    public void Dispose() => _statement.Dispose();

    // What was never bound is null.
    private void BindNumber(int column, long? value)
    {
        if (_numbers[column] == value)
            return;
        _numbers[column] = value;
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, column + 1, number) : raw.sqlite3_bind_null(_statement, column + 1));
    }

    private void BindText(int column, string? value)
    {
        if (string.Equals(_texts[column], value, StringComparison.Ordinal))
            return;
        _texts[column] = value;
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, column + 1));
            return;
        }

        var bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (bytesMax > _utf8.Length)
            _utf8 = new byte[bytesMax];
        Check(raw.sqlite3_bind_text(_statement, column + 1, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(value, _utf8))));
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new SqliteException(raw.sqlite3_errmsg(_connection).utf8_to_string(), result & 0xFF, result);
    }
}
