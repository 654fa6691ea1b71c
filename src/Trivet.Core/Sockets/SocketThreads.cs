namespace Trivet.Core.Sockets;

/// <summary>
/// The threads that wait for sockets. The runtime hands what has arrived to a pool of other threads, which wakes one up twice for each request and is a fifth of what a small one costs; told
/// so, it goes on where it waited (docs/adr/0011-work-on-socket-threads.md). What runs there must not block, and what is long holds up all other connections of that thread: it leaves first.
/// </summary>
public static class SocketThreads
{
    // Read once by the runtime, at the process's first socket.
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>A body of more bytes than this takes longer to read, or to translate, than others should wait.</summary>
    public const int WorkBytesMax = 128 * 1024;

    /// <summary>Lets this process work on them, unless its environment says otherwise. Before its first socket.</summary>
    public static void WorkOnThem()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
            Environment.SetEnvironmentVariable(Switch, "1");
    }

    /// <summary>Goes on in the thread pool; completes at once where it is there already.</summary>
    public static ValueTask LeaveAsync() => Thread.CurrentThread.IsThreadPoolThread ? default : new(YieldAsync());

    private static async Task YieldAsync() => await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}
