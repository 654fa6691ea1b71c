using System.Runtime.CompilerServices;

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

    /// <summary>Goes on in the thread pool; at once where it is there already.</summary>
    public static Leaving LeaveAsync() => default;

    /// <summary>Leaves before work on so many bytes.</summary>
    public static Leaving LeaveForAsync(long bytes) => new(stays: bytes <= WorkBytesMax);

    /// <summary>What is awaited. No task: of one that was done before it is looked at, whoever awaits stays where it is.</summary>
    /// <param name="stays">There is nothing to leave for.</param>
    public readonly struct Leaving(bool stays) : ICriticalNotifyCompletion
    {
        /// <summary>It may go on where it is.</summary>
        public bool IsCompleted => stays || Thread.CurrentThread.IsThreadPoolThread;

        /// <summary>The pattern of awaiting.</summary>
        public Leaving GetAwaiter() => this;

        /// <summary>Nothing comes of it.</summary>
        public void GetResult()
        {
            // There is no result.
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static state => ((Action)state!)(), continuation);

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation) => ThreadPool.UnsafeQueueUserWorkItem(static state => ((Action)state!)(), continuation);
    }
}
