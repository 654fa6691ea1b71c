using System.Net;
using System.Net.Sockets;

namespace Trivet.Core.Upstreams.Connections;

/// <summary>
/// Connections for fetching what clients name by URL. A client chooses the address, so every address is checked after it was resolved, and the one that
/// was checked is the one connected to.
/// </summary>
public sealed class MediaConnections : IDisposable
{
    private readonly HttpMessageInvoker _guarded = new(CreateHandler(allowPrivate: false));
    private readonly HttpMessageInvoker _open = new(CreateHandler(allowPrivate: true));

    /// <summary>Connections that reach public addresses only, or any where the operator allows that.</summary>
    public HttpMessageInvoker For(bool allowPrivate) => allowPrivate ? _open : _guarded;

    /// <inheritdoc/>
    public void Dispose()
    {
        _guarded.Dispose();
        _open.Dispose();
    }

    /// <summary>Whether an address belongs to this machine, a private network, or no host at all.</summary>
    internal static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return true;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast || address.IsIPv6Teredo || Is6To4OrNat64(address);
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes[0] switch
        {
            0 or 10 or 127 or >= 224 => true,
            100 => bytes[1] is >= 64 and <= 127, // carrier-grade NAT
            169 => bytes[1] == 254, // link-local, cloud metadata
            172 => bytes[1] is >= 16 and <= 31,
            192 => bytes[1] == 168 || (bytes[1] == 0 && bytes[2] is 0 or 2),
            198 => bytes[1] is 18 or 19 || (bytes[1] == 51 && bytes[2] == 100),
            203 => bytes[1] == 0 && bytes[2] == 113,
            _ => false,
        };
    }

    // Addresses that hold an IPv4 address which a router would unwrap.
    private static bool Is6To4OrNat64(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return (bytes[0] == 0x20 && bytes[1] == 0x02) || (bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xFF && bytes[3] == 0x9B);
    }

    private static SocketsHttpHandler CreateHandler(bool allowPrivate) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false, // a proxy would resolve the name itself, behind the check
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = async (context, cancellationToken) =>
        {
            // The address that was checked is the one connected to: a second look-up could answer otherwise.
            var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
            if (addresses.Length == 0 || (!allowPrivate && Array.Exists(addresses, IsPrivate)))
                throw new HttpRequestException("refused", new PrivateAddressException());
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}

/// <summary>An address in a private network was asked for.</summary>
public sealed class PrivateAddressException : IOException;
