using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Trivet.WebConsole.Hosting;

/// <summary>An address within the console with its parameters: filters, order and page live there, so that every view can be kept and sent on.</summary>
internal sealed class PageLink
{
    private readonly string _path;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _parameters;

    private PageLink(string path, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        _path = path;
        _parameters = parameters;
    }

    /// <summary>Parameters other than those, for a form that keeps them.</summary>
    public IEnumerable<KeyValuePair<string, string>> Without(params string[] names) => _parameters.Where(parameter => !names.Contains(parameter.Key));

    /// <summary>Of what was asked for. What was said is of one visit only.</summary>
    public static PageLink Of(HttpRequest request) =>
        new(request.Path.ToUriComponent(), [.. request.Query.Where(parameter => parameter.Key != "said").SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""))]);

    /// <summary>Of a path with parameters, as an address bar has it.</summary>
    public static PageLink Parse(string address)
    {
        var mark = address.IndexOf('?', StringComparison.Ordinal);
        return mark < 0
            ? new PageLink(address, [])
            : new PageLink(address[..mark], [.. QueryHelpers.ParseQuery(address[mark..]).SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""))]);
    }

    /// <summary>Of a path, its segments not yet escaped: <c>To("upstreams", name)</c>.</summary>
    public static PageLink To(params string[] segments)
    {
        var path = new StringBuilder(ConsolePaths.Root);
        foreach (var segment in segments)
            path.Append('/').Append(Uri.EscapeDataString(segment));
        return new PageLink(path.ToString(), []);
    }

    /// <summary>With another value of a parameter; without it for null.</summary>
    public PageLink With(string name, string? value) =>
        new(_path, [.. _parameters.Where(parameter => parameter.Key != name), .. value is null ? [] : (KeyValuePair<string, string>[])[KeyValuePair.Create(name, value)]]);

    public string Path => _path;

    public override string ToString() => QueryHelpers.AddQueryString(_path, _parameters.Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value)));
}
