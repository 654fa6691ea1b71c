using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Trivet.Storage.Sqlite;

/// <summary>
/// One prepared insert for the rows of a batch. On the driver's statement and not its command, because the command looks every parameter up by its name for
/// every row, which cost more than the insert itself.
/// </summary>
internal sealed class SqliteBatch<T> : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly IReadOnlyList<BatchColumn<T>> _columns;
    private byte[] _utf8 = new byte[256];

    public SqliteBatch(SqliteConnection connection, BatchInsert<T> insert)
    {
        _connection = connection.Handle!;
        _columns = insert.Columns;
        Check(raw.sqlite3_prepare_v2(_connection, insert.ValuesSql, out _statement));
    }

    /// <summary>Inserts a row; false where it was there already.</summary>
    public bool Insert(T row)
    {
        for (var i = 0; i < _columns.Count; i++)
            Check(Bind(i + 1, _columns[i], row));
        var result = raw.sqlite3_step(_statement);
        var isNew = result == raw.SQLITE_DONE && raw.sqlite3_changes(_connection) > 0;
        Check(raw.sqlite3_reset(_statement));
        return isNew;
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int index, BatchColumn<T> column, T row)
    {
        if (column.NumberOf is { } number)
            return number(row) is { } value ? raw.sqlite3_bind_int64(_statement, index, value) : raw.sqlite3_bind_null(_statement, index);
        if (column.TextOf!(row) is not { } text)
            return raw.sqlite3_bind_null(_statement, index);
        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (bytesMax > _utf8.Length)
            _utf8 = new byte[bytesMax];
        return raw.sqlite3_bind_text(_statement, index, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)));
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new SqliteException(raw.sqlite3_errmsg(_connection).utf8_to_string(), result & 0xFF, result);
    }
}
