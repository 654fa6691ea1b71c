using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Trivet.Sandbox.Http;

/// <summary>Breaks connections in the ways that networks do.</summary>
internal static class Connections
{
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(50);

    /// <summary>A TCP reset: the peer's next read or write fails.</summary>
    public static void Reset(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        http.Abort();
    }

    /// <summary>
    /// Ends the connection in the middle of a body: what was written arrives, then the stream just ends. A reset here could destroy bytes
    /// that the peer has not read yet, so the socket is closed for sending only, after a real moment for Kestrel to hand over what it holds.
    /// </summary>
    public static async Task CutAsync(HttpContext http)
    {
        await Task.Delay(Drain, TimeProvider.System);
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
                await Task.Delay(Drain, TimeProvider.System, http.RequestAborted);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The peer was faster.
            }
        }

        http.Abort();
    }
}
