using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Tools: offered, called, answered.</summary>
internal static class ToolFeatures
{
    private const string Offers = "Tools offered and chosen";
    private const string Calls = "Tool calls and results";
    private const string LongName = "mcp__a_server_with_quite_a_long_name__a_tool_with_an_even_longer_name_than_that";
    private const string Call = """[[tool get_weather {"city":"Rome","days":3}]]""";
    private const string TwoCalls = """[[tool get_weather {"city":"Rome"}]] [[tool get_time {"zone":"CET"}]]""";

    public static IReadOnlyList<Feature> All { get; } =
    [
        new(Offers, "offered, not called", Samples.Asking("Hi.", Samples.Weather, Samples.Time)),
        new(Offers, "without parameters", Samples.Asking("[[tool ping]]", new ToolOffer("ping", "Pings.", """{"type":"object","properties":{}}"""))),
        new(Offers, "deep schema", Samples.Asking("Hi.", new ToolOffer("deep", "Deep.", """{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"a":{"type":"array","items":{"anyOf":[{"type":"string","enum":["x","y"]},{"type":"null"}]}},"b":{"$ref":"#/$defs/B"}},"$defs":{"B":{"type":"object","additionalProperties":{"type":"number"}}}}"""))),
        new(Offers, "forced: any", Samples.Asking("Hi.", Samples.Weather, Samples.Time) with { Choice = "any" }),
        new(Offers, "forced: by name", Samples.Asking("Hi.", Samples.Weather, Samples.Time) with { Choice = "call get_time" }),
        new(Offers, "forbidden", Samples.Asking(Call, Samples.Weather) with { Choice = "none" }),
        new(Offers, "allowed: some of them", Samples.Asking("Hi.", Samples.Weather, Samples.Time) with { Choice = "allowed get_time" }) { Words = ["allowed", "tool_choice"] },
        new(Offers, "no parallel calls", Samples.Asking(TwoCalls, Samples.Weather, Samples.Time) with { ParallelOff = true }) { Words = ["parallel"] },
        new(Offers, "strict", Samples.Asking("Hi.", Samples.Weather with { IsStrict = true })),
        new(Offers, "custom: free text", Samples.Asking("Hi.", new ToolOffer("patch", "Patches.", "{}") { IsCustom = true })) { Words = ["custom"] },
        new(Offers, "run by the vendor", Samples.Asking("Hi.", new ToolOffer("web_search", "", "{}") { IsServer = true })) { Words = ["web_search", "server", "google_search"] },
        new(Offers, "a long name", Samples.Asking($$"""[[tool {{LongName}} {"a":1}]]""", new ToolOffer(LongName, "Long.", """{"type":"object","properties":{"a":{"type":"integer"}}}"""))) { Words = ["name"] },

        new(Calls, "one call", Samples.Asking(Call, Samples.Weather)),
        new(Calls, "text and a call", Samples.Asking("[[say I look.]] " + Call, Samples.Weather)),
        new(Calls, "parallel calls", Samples.Asking(TwoCalls, Samples.Weather, Samples.Time)),
        new(Calls, "two calls of one tool", Samples.Asking("""[[tool get_weather {"city":"Rome"}]] [[tool get_weather {"city":"Oslo"}]]""", Samples.Weather)),
        new(Calls, "interleaved parallel calls", Samples.Asking(TwoCalls, Samples.Weather, Samples.Time)) { Suffix = "@interleave" },
        new(Calls, "awkward arguments", Samples.Asking("""[[tool get_weather {"city":"a \"b\" \\ \n 你好 😀 </b>","days":-12.5e3,"x":null,"y":[true,{"z":[]}]}]]""", Samples.Weather)),
        new(Calls, "arguments that are no JSON", Samples.Asking("Hi.", Samples.Weather)) { Respond = """{"content":[{"type":"tool_call","name":"get_weather","arguments":"{\"city\": Rome"}]}""", Words = ["arguments"] },
        new(Calls, "a result", Samples.Answered(Piece.OfResult("call_1", "get_weather", "Sunny."))),
        new(Calls, "results of parallel calls", Samples.Answered(Piece.OfResult("call_1", "get_weather", "Sunny."), Piece.OfResult("call_2", "get_weather", "Rain."))),
        new(Calls, "results in another order", Samples.Answered(Piece.OfResult("call_2", "get_weather", "Rain."), Piece.OfResult("call_1", "get_weather", "Sunny.")) with { Turns = [.. Reversed()] }) { Words = ["order"] },
        new(Calls, "a result that is an error", Samples.Answered(Piece.OfResult("call_1", "get_weather", "No such city.") with { IsError = true })),
        new(Calls, "a result with an image", Samples.Answered(Piece.OfResult("call_1", "get_weather", "See.") with { Inner = [Piece.OfImage("image/png", Samples.Png)] })) { Words = ["image"] },
        new(Calls, "an empty result", Samples.Answered(Piece.OfResult("call_1", "get_weather", ""))),
        new(Calls, "a result, then text", Samples.Answered(Piece.OfResult("call_1", "get_weather", "Sunny."), Piece.OfText("Go on, please."))),
        new(Calls, "text, then a result", Samples.Answered(Piece.OfText("Here it is."), Piece.OfResult("call_1", "get_weather", "Sunny."))) { Words = ["tool_result", "tool_use", "tool"] },
        new(Calls, "a result without a call", new Talk { Turns = [Said.ByUser("Hi."), Said.ByUser(Piece.OfResult("call_9", "get_weather", "Sunny."))], Tools = [Samples.Weather] }) { Words = ["tool"] },
        new(Calls, "an id that others find illegal", Samples.Answered(Piece.OfResult("functions.get_weather:0", "get_weather", "Sunny."))) { Words = ["id", "tool_use"] },
        new(Calls, "a whole tool loop", Samples.Asking(Call + "\n[[say It was: {{result}}]]", Samples.Weather)) { Next = (talk, heard) => Loop.Answer(talk, heard, "Sunny.") },
        new(Calls, "a whole loop of parallel calls", Samples.Asking(TwoCalls + "\n[[say Last was: {{result}}]]", Samples.Weather, Samples.Time)) { Next = (talk, heard) => Loop.Answer(talk, heard, "Sunny.") },
        new(Calls, "a whole loop with a long name", Samples.Asking($$"""[[tool {{LongName}} {"a":1}]]""", new ToolOffer(LongName, "Long.", """{"type":"object","properties":{"a":{"type":"integer"}}}"""))) { Next = (talk, heard) => Loop.Answer(talk, heard, "Done."), Words = ["name"] },
    ];

    private static IEnumerable<Said> Reversed()
    {
        yield return Said.ByUser("Weather in Rome and Oslo?");
        yield return Said.ByAssistant(Piece.OfCall("call_1", "get_weather", """{"city":"Rome"}"""), Piece.OfCall("call_2", "get_weather", """{"city":"Oslo"}"""));
        yield return Said.ByUser(Piece.OfResult("call_2", "get_weather", "Rain."), Piece.OfResult("call_1", "get_weather", "Sunny."));
    }
}
