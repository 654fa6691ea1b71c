using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Sockets;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>What the admin API says when the answer is no: RFC 9457 problem details, with words that help.</summary>
internal static class AdminProblems
{
    public static IResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    /// <summary>The question makes no sense.</summary>
    public static IResult Bad(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    /// <summary>A store's fault.</summary>
    public static IResult Of(StoreFault fault) => fault.Kind switch
    {
        StoreFaultKind.NotFound => Of(StatusCodes.Status404NotFound, fault.Message),
        StoreFaultKind.Conflict => Of(StatusCodes.Status409Conflict, "Something of this name is there already."),
        StoreFaultKind.Unavailable => Of(StatusCodes.Status503ServiceUnavailable, "The database cannot be asked now."),
        _ => Of(StatusCodes.Status500InternalServerError, "The database refused. The server's log knows why."),
    };
}

/// <summary>Reads bodies: JSON of a known shape, within bounds, nothing in it that is not known.</summary>
internal static class AdminBody
{
    private const int BytesMax = 256 << 10;

    public static async ValueTask<(T? Value, IResult? Problem)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var (bytes, problem) = await ReadBytesAsync(context, BytesMax);
        if (problem is not null)
            return (null, problem);
        try
        {
            var value = JsonSerializer.Deserialize<T>(bytes, AdminJson.Options);
            return value is null ? (null, AdminProblems.Bad("The body is null.")) : (value, null);
        }
        catch (JsonException mistake)
        {
            return (null, AdminProblems.Bad(Words(mistake)));
        }
    }

    /// <summary>A body of any kind.</summary>
    public static async ValueTask<(byte[] Bytes, IResult? Problem)> ReadBytesAsync(HttpContext context, int bytesMax)
    {
        using var buffer = new MemoryStream();
        var part = new byte[16 << 10];
        int count;
        while ((count = await context.Request.Body.ReadAsync(part, context.RequestAborted)) > 0)
        {
            buffer.Write(part, 0, count);
            if (buffer.Length > bytesMax)
                return ([], AdminProblems.Of(StatusCodes.Status413PayloadTooLarge, $"A body has at most {bytesMax} bytes."));
        }

        await SocketThreads.LeaveAsync(); // its body may have brought it back
        return (buffer.ToArray(), null);
    }

    // The serialiser names our types, which say nothing to whoever asks.
    private static string Words(JsonException mistake)
    {
        const string Unknown = "The JSON property '";
        if (mistake.Message.StartsWith(Unknown, StringComparison.Ordinal) && mistake.Message.IndexOf('\'', Unknown.Length) is > 0 and var end)
            return $"The body has a field that is not known here: {mistake.Message[Unknown.Length..end]}.";
        return mistake.Path is { Length: > 1 } path ? $"The body cannot be read at {path.TrimStart('$', '.')}: it has another type there." : "The body is no JSON object.";
    }
}
