namespace Trivet.Storage.Relay;

/// <summary>
/// The organisations that a table has rows of, one look at its key for each: tables are keyed by organisation first and then by time, and with the organisations named a span of time is found without reading
/// the rest, and without another index that every booking would pay for.
/// </summary>
internal static class KnownOrganisations
{
    /// <summary>A common table expression <c>organisations (name)</c>; its last row is null.</summary>
    public static string With(string table) => $"""
        WITH RECURSIVE organisations (name) AS (
            SELECT MIN(organisation) FROM {table}
            UNION ALL
            SELECT (SELECT MIN(organisation) FROM {table} WHERE organisation > organisations.name) FROM organisations WHERE organisations.name IS NOT NULL
        )

        """;

    /// <summary>A condition: that of one of them, each of which is looked up.</summary>
    public static string Within(IEngine engine) => "organisation " + engine.AnyOfSql("SELECT name FROM organisations WHERE name IS NOT NULL");
}
