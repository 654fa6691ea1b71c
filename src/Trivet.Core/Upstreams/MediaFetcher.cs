using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Upstreams;

/// <summary>
/// Fetches a picture or document that a client gave by URL, for an upstream that takes data only. A client chooses the address, so this is where a
/// forged request would go out: every address is checked after it was resolved and before it is connected to, redirects are checked anew, size and time
/// are bounded.
/// </summary>
public sealed class MediaFetcher : IDisposable
{
    private const int RedirectsMax = 3;

    private readonly HttpMessageInvoker _guarded = new(CreateHandler(allowPrivate: false));
    private readonly HttpMessageInvoker _open = new(CreateHandler(allowPrivate: true));

    /// <summary>The media, or what was wrong.</summary>
    public async ValueTask<MediaFetch> FetchAsync(string url, ImageFetchConfig limits, bool allowPrivate, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limits.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await FollowAsync(url, limits.BytesMax, allowPrivate || limits.AllowPrivateNetworks ? _open : _guarded, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return MediaFetch.Failed("it took too long");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return MediaFetch.Failed(exception.GetBaseException() is PrivateAddressException ? "its address is in a private network" : "it could not be fetched");
        }
    }

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

    private static async ValueTask<MediaFetch> FollowAsync(string url, long bytesMax, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
            return MediaFetch.Failed("its URL is not absolute");
        for (var hop = 0; hop <= RedirectsMax; hop++)
        {
            if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
                return MediaFetch.Failed("its URL is neither http nor https");
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await invoker.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } next)
            {
                address = new Uri(address, next);
                continue;
            }

            return response.IsSuccessStatusCode ? await ReadAsync(response, bytesMax, cancellationToken) : MediaFetch.Failed($"its server answered {(int)response.StatusCode}");
        }

        return MediaFetch.Failed("it redirects too often");
    }

    private static async ValueTask<MediaFetch> ReadAsync(HttpResponseMessage response, long bytesMax, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && !type.Equals("application/pdf", StringComparison.OrdinalIgnoreCase))
            return MediaFetch.Failed($"it is '{(type.Length == 0 ? "of no stated type" : type)}', not a picture or PDF");
        if (response.Content.Headers.ContentLength > bytesMax)
            return MediaFetch.Failed("it is too large");
        using var buffer = new Wire.Json.PooledBuffer();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(16 * 1024), cancellationToken);
            if (read == 0)
                return new MediaFetch(type.ToLowerInvariant(), Convert.ToBase64String(buffer.WrittenSpan), null);
            buffer.Advance(read);
            if (buffer.Length > bytesMax)
                return MediaFetch.Failed("it is too large");
        }
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

    private sealed class PrivateAddressException : IOException;
}

/// <summary>What came of fetching media.</summary>
/// <param name="MediaType">Its MIME type; empty where it failed.</param>
/// <param name="Base64">The data.</param>
/// <param name="Problem">Why it failed, as the end of a sentence; null where it did not.</param>
public readonly record struct MediaFetch(string MediaType, string Base64, string? Problem)
{
    /// <summary>A failure.</summary>
    public static MediaFetch Failed(string problem) => new("", "", problem);
}
