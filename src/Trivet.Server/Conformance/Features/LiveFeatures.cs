using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>What any model that is worth its price does, worded so that a failure is the wire's and not the model's.</summary>
internal static class LiveFeatures
{
    private const string Group = "With a real model";

    public static IReadOnlyList<Feature> All { get; } =
    [
        Of("text", Talk.Asking("Reply with the one word PONG and nothing else."), h => Says(h, "PONG")),
        Of("instructions", Talk.Asking("What are you called?") with { System = [Piece.OfText("You are called Zebulon. When asked for your name, reply with it.")] }, h => h.Text.Length > 0 ? null : "no answer"),
        Of("several turns", new Talk { Turns = [Said.ByUser("Remember the number 4711."), Said.ByAssistant(Piece.OfText("I will.")), Said.ByUser("Which number was it? It was 4711, was it not?")] }, h => Says(h, "4711")),
        Of("unicode", Talk.Asking("Repeat exactly: 你好 😀"), h => Says(h, "你好 😀")),
        Of("image", new Talk { Turns = [Said.ByUser(Piece.OfText("Name the colour of this picture."), Piece.OfImage("image/png", Samples.Png))] }, h => h.Text.Length > 0 ? null : "no answer") with { Words = ["image"] },
        Of("a forced tool", Samples.Asking("What is the weather in Rome?", Samples.Weather, Samples.Time) with { Choice = "call get_weather" }, h => Calls(h, "get_weather")),
        Of("any tool", Samples.Asking("What is the weather in Rome?", Samples.Weather) with { Choice = "any" }, h => Calls(h, "get_weather")),
        Of("no tool", Samples.Asking("What is the weather in Rome?", Samples.Weather) with { Choice = "none" }, h => h.Calls.Any() ? "a forbidden call" : null),
        Of("no parallel calls", Samples.Asking("What is the weather in Rome and in Oslo?", Samples.Weather) with { ParallelOff = true }, h => h.Calls.Count() > 1 ? "parallel calls" : null) with { Words = ["parallel"] },
        Of("a tool loop", Samples.Asking("What is the weather in Rome? Use the tool, then tell.", Samples.Weather), h => Says(h, "hail")) with { Next = (talk, heard) => Loop.Answer(talk, heard, "Heavy hail, code ") },
        Of("JSON schema", Talk.Asking("Ada is 36 years old.") with { Format = "schema", FormatSchema = Samples.AnswerSchema }, h => HasFields(h.Text, "name", "age")) with { Words = ["format", "schema"] },
        Of("as many tokens as allowed", Talk.Asking("Count from one to a thousand, in words.") with { TokensMax = 24 }, h => h.Stop == "length" ? null : $"stopped by {h.Stop}"),
        Of("a stop sequence", Talk.Asking("Repeat exactly: one two three four five") with { Stop = ["four"] }, h => h.Text.Contains("four", StringComparison.Ordinal) ? "it went on" : null) with { Words = ["stop"] },
        Of("thinking", Talk.Asking("What is 17 times 23?") with { Thinking = "on", Effort = "low" }, h => h.Text.Length > 0 ? null : "no answer") with { Words = ["thinking", "reasoning"] },
    ];

    private static Feature Of(string name, Talk talk, Func<Heard, string?> check) => new(Group, name, talk) { Check = (heard, _) => check(heard) };

    private static string? Says(Heard heard, string word) => heard.Text.Contains(word, StringComparison.OrdinalIgnoreCase) ? null : $"no {word}";

    private static string? Calls(Heard heard, string tool) =>
        heard.Calls.FirstOrDefault() is not { } call ? "no call" : call.Name != tool ? $"called {call.Name}" : HasFields(call.Text, "city");

    private static string? HasFields(string json, params string[] names)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject many && names.All(many.ContainsKey) ? null : "fields are missing";
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }
}
