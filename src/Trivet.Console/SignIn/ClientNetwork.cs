using System.Net;
using System.Net.Sockets;

namespace Trivet.WebConsole.SignIn;

/// <summary>What counts as one place that somebody signs in from.</summary>
internal static class ClientNetwork
{
    private const int Ipv6PrefixBytes = 8;

    /// <summary>An IPv4 address; of IPv6 the network of 64 bits, in which whoever has one address has all.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
