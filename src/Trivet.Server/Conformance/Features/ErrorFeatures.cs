using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>What fails, and how the client is told.</summary>
internal static class ErrorFeatures
{
    private const string Group = "Errors";
    private const string OwnGroup = "Answers of the gateway's own";

    private static readonly Talk Hi = Talk.Asking("Hi.");

    public static IReadOnlyList<Feature> All { get; } =
    [
        Of("400: the request", "@400", 400),
        Of("404: the model", "@404", 404),
        Of("413: too large", "@413", 413),
        Of("429: too many", "@429:retry-after=0", 429),
        Of("500: the vendor fails", "@500", 500, 502),
        Of("503: the vendor is at its limit", "@503", 503),
        Of("529: the vendor is at its limit", "@529", 503, 529),
        Of("the context is too long", "@context-length", 400),
        Of("the prompt is filtered", "@content-filter", 400),
        new(Group, "a field of the wrong type", Hi.With("temperature", "\"hot\"")) { ErrorStatuses = [400] },
        new(Group, "an error in mid-stream", Hi) { Model = "text-40", Suffix = "@error-event-after=20", BreaksOff = true, IsStreamedOnly = true },
        new(Group, "a stream that is cut", Hi) { Model = "text-40", Suffix = "@cut-after=20", BreaksOff = true, IsStreamedOnly = true },
    ];

    /// <summary>Where the vendor gives nothing that may be passed on as it is: no translation, in no protocol, so no squares of the matrix but a table of their own.</summary>
    public static IReadOnlyList<Feature> Gateways { get; } =
    [
        Own("the vendor refuses the gateway's own credential (401)", "@401", 502),
        Own("the gateway's balance at the vendor is used up (402)", "@402", 502),
        Own("an error inside a 200", "@error-in-200", 500, 502, 503, 529),
        Own("a web page instead of an answer", "@html", 502),
        Own("half a body", "@truncated-json", 502) with { IsWholeOnly = true },
        new(OwnGroup, "a body that is cut", Hi) { Model = "text-40", Suffix = "@cut-after=20", BreaksOff = true, IsWholeOnly = true, IsGateways = true },
    ];

    private static Feature Own(string name, string fault, params int[] statuses) => Of(name, fault, statuses) with { Group = OwnGroup, IsGateways = true };

    private static Feature Of(string name, string fault, params int[] statuses) => new(Group, name, Hi) { Suffix = fault, ErrorStatuses = statuses };
}
