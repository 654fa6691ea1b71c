using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trivet.Server.Cli.Doctor;

/// <summary>Looks at the address that the server listens on: free, a Trivet, or somebody else.</summary>
internal static class PortCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<Finding> LookAsync(string listen, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(listen.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var url))
            return Finding.Fail("port", $"{listen} is no address", "Write one such as http://127.0.0.1:4180.");
        var host = url.Host is "0.0.0.0" ? "127.0.0.1" : url.Host is "[::]" ? "::1" : url.Host.Trim('[', ']');
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            // By hand: only the relay sends HTTP requests, and this is none to an upstream.
            using var client = new TcpClient();
            await client.ConnectAsync(host, url.Port, patience.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /api/hello HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n"), patience.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var answer = await reader.ReadToEndAsync(patience.Token);
            return answer.Contains("trivet", StringComparison.Ordinal)
                ? Finding.Ok("port", $"a Trivet answers on {listen}")
                : Finding.Fail("port", $"something else listens on {listen}", "Stop it, or choose another address: --listen http://127.0.0.1:4190");
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return Free(listen, host, url.Port);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Fail("port", $"{listen}: {(exception is OperationCanceledException ? "something listens there and does not answer" : exception.Message)}", "Choose another address with --listen.");
        }
    }

    private static Finding Free(string listen, string host, int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.TryParse(host, out var address) ? address : IPAddress.Loopback, port);
            listener.Start();
            return Finding.Ok("port", $"{listen} is free: no server runs there");
        }
        catch (SocketException exception)
        {
            return Finding.Fail("port", $"cannot listen on {listen}: {exception.Message}", port < 1024 ? "Ports below 1024 belong to root: choose a higher one, or give the program the right to." : "Choose another address with --listen.");
        }
    }
}
