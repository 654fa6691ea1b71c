using Microsoft.Extensions.Primitives;

namespace Trivet.Server.Security;

/// <summary>Finds the key that a client presents: Bearer, <c>x-api-key</c>, <c>x-goog-api-key</c> or <c>?key=</c>, as the SDKs of the four protocols send it.</summary>
internal static class PresentedKeys
{
    private const string Bearer = "Bearer ";

    /// <summary>The key; empty for none.</summary>
    public static ReadOnlyMemory<char> Find(HttpRequest request)
    {
        var headers = request.Headers;
        if (Text(headers.Authorization) is { Length: > 0 } authorization && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization.AsMemory(Bearer.Length).Trim();
        if (headers.TryGetValue("x-api-key", out var key) && Text(key) is { Length: > 0 } anthropic)
            return anthropic.AsMemory();
        if (headers.TryGetValue("x-goog-api-key", out key) && Text(key) is { Length: > 0 } google)
            return google.AsMemory();
        return request.QueryString.HasValue && request.Query.TryGetValue("key", out key) ? Text(key).AsMemory() : default;
    }

    private static string? Text(StringValues values) => values.Count == 1 ? values[0] : null;
}
