using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Small things that many features need.</summary>
internal static class Samples
{
    /// <summary>A red pixel.</summary>
    public const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    public const string WeatherSchema = """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}""";

    public const string AnswerSchema = """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}""";

    public static ToolOffer Weather { get; } = new("get_weather", "Weather of a city.", WeatherSchema);

    public static ToolOffer Time { get; } = new("get_time", "Time in a zone.", """{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}""");

    public static Talk Asking(string text, params ToolOffer[] tools) => Talk.Asking(text) with { Tools = tools };

    /// <summary>A conversation in which tools were called and have answered.</summary>
    public static Talk Answered(params Piece[] results) => new()
    {
        Tools = [Weather, Time],
        Turns =
        [
            Said.ByUser("Weather in Rome?"),
            Said.ByAssistant([Piece.OfText("Let me see."), .. results.Where(r => r.Kind == PieceKind.Result).Select((r, i) => Piece.OfCall(r.Id, r.Name, $$"""{"city":"Rome","days":{{i + 1}}}"""))]),
            Said.ByUser(results),
        ],
    };
}
