using System.Net;

namespace Trivet.Core.Snapshots;

/// <summary>What may be written as <c>listen:</c>, and whether it reaches beyond this machine.</summary>
public static class ListenAddress
{
    /// <summary><c>http://host:port</c>; <c>*</c> and <c>+</c> stand for every interface.</summary>
    public static bool IsValid(string address) => TryParse(address, out var url) && url!.AbsolutePath == "/" && url.Query.Length == 0 && url.UserInfo.Length == 0;

    /// <summary>True where only this machine can connect.</summary>
    public static bool IsLoopback(string address) => TryParse(address, out var url) && !address.Contains("://*", StringComparison.Ordinal)
        && !address.Contains("://+", StringComparison.Ordinal) && IsLoopback(url!);

    /// <summary>True for <c>localhost</c> and loopback addresses.</summary>
    internal static bool IsLoopback(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool TryParse(string address, out Uri? url) =>
        Uri.TryCreate(address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out url)
        && url.Scheme is "http" or "https" && url!.Host.Length > 0;
}
