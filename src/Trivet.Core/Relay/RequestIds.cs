namespace Trivet.Core.Relay;

/// <summary>Ids of requests and attempts: time-ordered, so that rows of one time lie together in every index.</summary>
internal static class RequestIds
{
    public const int PrefixLength = 4;

    /// <summary>
    /// A UUID of version 7 as 32 hexadecimal digits. Its 75 random bits need be unique and no secret, so they do not come from the kernel: its
    /// generator is a system call for every request.
    /// </summary>
    public static string NewRequest(DateTimeOffset now) => string.Create(null, stackalloc char[64], $"req_{now.ToUnixTimeMilliseconds():x12}{Random.Shared.NextInt64() & 0xFFF | 0x7000:x4}{Random.Shared.NextInt64():x16}");

    public static string NewAttempt(string requestId, int ordinal) => string.Create(null, stackalloc char[64], $"att_{requestId.AsSpan(PrefixLength)}_{ordinal}");
}
