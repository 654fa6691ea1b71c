using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Small helpers of the clients: JSON by path, and the refusal to say what has no words.</summary>
internal static class Words
{
    public static UnsayableException No(string what) => new(what);

    public static void Unless(bool sayable, string what)
    {
        if (!sayable)
            throw new UnsayableException(what);
    }

    /// <summary>Puts the settings of a talk where a protocol keeps them.</summary>
    public static void Settings(Talk talk, JsonObject body, IReadOnlyDictionary<string, string> paths)
    {
        foreach (var (name, json) in talk.Settings)
            body.Put(paths.TryGetValue(name, out var path) ? path : throw No(name), JsonNode.Parse(json));
        foreach (var name in talk.Unknown)
            body[name] = true;
    }

    /// <summary>Sets a value at a path of names with dots, making the objects between.</summary>
    public static void Put(this JsonObject body, string path, JsonNode? value)
    {
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
            body = (JsonObject)(body[step] ??= new JsonObject());
        body[steps[^1]] = value;
    }

    public static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];

    public static string Str(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static long Long(this JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;

    public static JsonObject? Obj(this JsonNode? node) => node as JsonObject;

    public static IEnumerable<JsonObject> Objs(this JsonNode? node) => (node as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>Events that hold JSON objects; anything else is handed to <paramref name="other"/>.</summary>
    public static IEnumerable<(string Event, JsonObject Data)> Objects(ReadOnlyMemory<byte> body, Action<string> other)
    {
        foreach (var frame in SseFrames.Read(body))
        {
            JsonObject? data = null;
            try
            {
                data = JsonNode.Parse(frame.Data) as JsonObject;
            }
            catch (System.Text.Json.JsonException)
            {
                // Told below.
            }

            if (data is null)
                other(frame.Data);
            else
                yield return (frame.Event, data);
        }
    }
}
