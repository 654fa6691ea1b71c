namespace Trivet.Core.Relay;

/// <summary>Ids of requests and attempts: time-ordered, so that rows of one time lie together in every index.</summary>
internal static class RequestIds
{
    public const int PrefixLength = 4;

    public static string NewRequest(DateTimeOffset now) => "req_" + Guid.CreateVersion7(now).ToString("N");

    public static string NewAttempt(string requestId, int ordinal) => string.Create(null, stackalloc char[64], $"att_{requestId.AsSpan(PrefixLength)}_{ordinal}");
}
