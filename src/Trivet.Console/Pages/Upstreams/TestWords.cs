using Trivet.Core.Admin.Upstreams;
using Trivet.WebConsole.Components;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Upstreams;

/// <summary>What a test of an upstream found, in the reader's language. English has the words of the command line, with all particulars; other languages say what kind of failure it was, and what the upstream said.</summary>
internal static class TestWords
{
    public static string Problem(ConsoleText text, UpstreamTest test)
    {
        if (text.Language == Language.English || test.Probe?.Failure is not { } failure)
            return test.Advice?.Problem ?? "";
        var status = failure.UpstreamStatus > 0 ? $"HTTP {failure.UpstreamStatus} · " : "";
        var said = failure.UpstreamError?.Message is { Length: > 0 } message ? $" {message}" : "";
        return $"{status}{text.Failure(failure.Kind.ToString())}{said}";
    }

    public static string Remedy(ConsoleText text, UpstreamTest test) =>
        text.Language != Language.English && test.Probe?.Failure is { } failure && text.Find("remedy." + failure.Kind) is { } remedy ? remedy : test.Advice?.Remedy ?? "";
}
