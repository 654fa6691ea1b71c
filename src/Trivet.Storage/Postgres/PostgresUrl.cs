using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Trivet.Storage.Postgres;

/// <summary>Reads <c>postgres://user:password@host:5432/name?sslmode=require</c>, the form that hosting providers hand out.</summary>
internal static class PostgresUrl
{
    public static bool TryParse(string url, [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? settings, [NotNullWhen(false)] out string? mistake)
    {
        settings = null;
        mistake = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Host.Length == 0)
        {
            mistake = "database must be \"sqlite\" or a URL like postgres://user:password@host:5432/trivet.";
            return false;
        }

        var name = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (name.Length == 0)
        {
            mistake = "The database URL names no database: add /trivet (or the name you made) at its end.";
            return false;
        }

        var builder = new NpgsqlConnectionStringBuilder { Host = uri.Host.Trim('[', ']'), Database = name, ApplicationName = "trivet" };
        if (!uri.IsDefaultPort && uri.Port > 0)
            builder.Port = uri.Port;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryApply(builder, pair, out mistake))
                return false;
        }

        settings = builder;
        return true;
    }

    private static bool TryApply(NpgsqlConnectionStringBuilder builder, string pair, [NotNullWhen(false)] out string? mistake)
    {
        mistake = null;
        var parts = pair.Split('=', 2);
        var key = Uri.UnescapeDataString(parts[0]);
        var value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        try
        {
            // libpq writes sslmode=verify-full where Npgsql has VerifyFull.
            builder[key is "sslmode" ? "SSL Mode" : key] = key is "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidCastException)
        {
            mistake = $"The database URL has a setting that is not understood: {key}.";
            return false;
        }
    }
}
