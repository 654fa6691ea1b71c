using Trivet.Storage.Postgres;

namespace Trivet.Storage;

/// <summary>Which database to open.</summary>
/// <param name="Database"><c>sqlite</c> for the file in the data directory, or a <c>postgres://user:password@host:5432/name</c> URL.</param>
/// <param name="DataDirectory">Made when it does not exist, readable by its owner only.</param>
public sealed record DatabaseOptions(string Database, string DataDirectory)
{
    /// <summary>The word for the default engine.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>The SQLite file within the data directory.</summary>
    public const string SqliteFileName = "trivet.db";

    /// <summary>What is wrong with <paramref name="database"/>, for an operator; null when nothing is. Never repeats a password.</summary>
    public static string? Validate(string database)
    {
        if (database == Sqlite)
            return null;
        return PostgresUrl.TryParse(database, out _, out var mistake) ? null : mistake;
    }

    internal string SqlitePath => Path.Combine(DataDirectory, SqliteFileName);

    /// <summary>Without the password in the URL.</summary>
    public override string ToString() => Database == Sqlite ? SqlitePath : "PostgreSQL";
}
