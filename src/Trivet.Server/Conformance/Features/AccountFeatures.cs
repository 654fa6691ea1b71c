using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Prompt caches, counts of tokens.</summary>
internal static class AccountFeatures
{
    private const string Group = "Caches and counts";

    private static readonly Talk Marked = new()
    {
        System = [Piece.OfText("Be brief."), Piece.OfText("Be kind.") with { Cache = "1h" }],
        Turns = [Said.ByUser(Piece.OfText("Hi.") with { Cache = "5m" })],
        Tools = [Samples.Weather with { Cache = "1h" }],
    };

    public static IReadOnlyList<Feature> All { get; } =
    [
        new(Group, "cache breakpoints", Marked),
        new(Group, "cache key", Talk.Asking("Hi.").With("cache_key", "\"k-1\"")),
        new(Group, "tokens read from a cache", Talk.Asking("Hi.")) { Respond = """{"content":[{"type":"text","text":"Yes."}],"usage":{"input":10,"cache_read":90,"output":5}}""" },
        new(Group, "tokens written to a cache", Talk.Asking("Hi.")) { Respond = """{"content":[{"type":"text","text":"Yes."}],"usage":{"input":10,"cache_read":20,"cache_write_5m":30,"cache_write_1h":40,"output":5}}""" },
        new(Group, "tokens of thoughts", Talk.Asking("Hi.")) { Respond = """{"content":[{"type":"reasoning","text":"Hm."},{"type":"text","text":"Yes."}],"usage":{"input":10,"output":5,"reasoning":70}}""" },
        new(Group, "counting tokens", Talk.Asking("How long is this?") with { System = [Piece.OfText("Be brief.")], Tools = [Samples.Weather] }) { IsCount = true, IsWholeOnly = true },
    ];
}
