using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Gemini generateContent.</summary>
internal sealed class GeminiClient : IClient
{
    private static readonly Dictionary<string, string> SettingPaths = new(StringComparer.Ordinal)
    {
        ["temperature"] = "generationConfig.temperature",
        ["top_p"] = "generationConfig.topP",
        ["top_k"] = "generationConfig.topK",
        ["seed"] = "generationConfig.seed",
        ["presence_penalty"] = "generationConfig.presencePenalty",
        ["frequency_penalty"] = "generationConfig.frequencyPenalty",
        ["logprobs"] = "generationConfig.responseLogprobs",
        ["media_resolution"] = "generationConfig.mediaResolution",
        ["safety"] = "safetySettings",
        ["tier"] = "serviceTier",
    };

    public string Name => "gemini";

    public char Letter => 'G';

    public string Path(string model, bool stream) => $"/v1beta/models/{Uri.EscapeDataString(model)}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}";

    public string CountPath(string model) => $"/v1beta/models/{Uri.EscapeDataString(model)}:countTokens";

    public void Authorize(HttpRequestMessage request, string key) => request.Headers.Add("x-goog-api-key", key);

    public JsonObject Make(Talk talk, string model, bool stream)
    {
        var contents = new JsonArray();
        var body = new JsonObject { ["contents"] = contents };
        Words.Unless(!talk.SystemAsDeveloper && talk.Unknown.Count == 0, "developer, unknown fields");
        if (talk.System.Count > 0)
            body["systemInstruction"] = new JsonObject { ["parts"] = Words.Array(talk.SystemAsArray ? talk.System.Select(Part) : [Part(Piece.OfText(string.Concat(talk.System.Select(p => p.Text))))]) };
        Words.Unless(talk.System.All(p => p.Cache.Length == 0), "cache breakpoints");
        foreach (var said in talk.Turns)
        {
            Words.Unless(said.Who != "system", "instructions in mid-conversation");
            if (said.Verbatim is { } verbatim)
                contents.Add(verbatim[0]!.DeepClone());
            else
                contents.Add((JsonNode)new JsonObject { ["role"] = said.Who == "assistant" ? "model" : "user", ["parts"] = Words.Array(said.Pieces.Select(Part)) });
        }

        var (calls, results) = (Ids(talk, PieceKind.Call), Ids(talk, PieceKind.Result));
        Words.Unless(talk.Turns.Any(t => t.Verbatim is not null) || calls.SequenceEqual(results) || results.Except(calls).Any(), "results in another order: this client gives no ids");
        Tools(talk, body);
        if (talk.TokensMax is { } most)
            body.Put("generationConfig.maxOutputTokens", most);
        if (talk.Stop.Count > 0)
            body.Put("generationConfig.stopSequences", Words.Array(talk.Stop.Select(s => (JsonNode)s)));
        if (talk.Choices is { } choices)
            body.Put("generationConfig.candidateCount", choices);
        if (talk.Thinking == "off")
            body.Put("generationConfig.thinkingConfig", new JsonObject { ["thinkingBudget"] = 0 });
        else if (talk.Thinking == "on" && talk.Effort is { } effort)
            body.Put("generationConfig.thinkingConfig", new JsonObject { ["thinkingLevel"] = effort.ToUpperInvariant(), ["includeThoughts"] = true });
        else if (talk.Thinking == "on")
            body.Put("generationConfig.thinkingConfig", new JsonObject { ["thinkingBudget"] = talk.Budget ?? -1, ["includeThoughts"] = true });
        if (talk.Format.Length > 0)
            body.Put("generationConfig.responseMimeType", "application/json");
        if (talk.Format == "schema")
            body.Put("generationConfig.responseJsonSchema", JsonNode.Parse(talk.FormatSchema!));
        Words.Settings(talk, body, SettingPaths);
        return body;
    }

    public Heard ReadWhole(JsonObject body) => GeminiAnswers.Read([body]);

    public Heard ReadStream(ReadOnlyMemory<byte> body) => GeminiAnswers.ReadStream(body);

    public long? ReadCount(JsonObject body) => body["totalTokens"]?.Long();

    public (string? Fault, string Message) ReadError(int status, JsonNode? body)
    {
        var error = body.Obj()?["error"].Obj();
        var word = error?["status"].Str() ?? "";
        var fits = status switch
        {
            400 => word is "INVALID_ARGUMENT" or "FAILED_PRECONDITION",
            401 => word is "UNAUTHENTICATED",
            403 => word is "PERMISSION_DENIED",
            404 => word is "NOT_FOUND",
            429 => word is "RESOURCE_EXHAUSTED",
            503 => word is "UNAVAILABLE",
            504 => word is "DEADLINE_EXCEEDED",
            _ => word.Length > 0,
        };
        var fault = error is null ? "no error object" : error["code"].Long() != status ? $"code {error["code"]} with status {status}" : !fits ? $"{word} with status {status}" : error["message"].Str().Length == 0 ? "no message" : null;
        return (fault, error?["message"].Str() ?? "");
    }

    private static List<string> Ids(Talk talk, PieceKind kind) => [.. talk.Turns.SelectMany(t => t.Pieces).Where(p => p.Kind == kind).Select(p => p.Id)];

    private static JsonObject Part(Piece piece)
    {
        Words.Unless(piece.Cache.Length == 0 && piece.Detail is null, "cache breakpoints, detail");
        switch (piece.Kind)
        {
            case PieceKind.Text:
                return new JsonObject { ["text"] = piece.Text };
            case PieceKind.Image or PieceKind.Document or PieceKind.Audio:
                return piece.Url.Length > 0
                    ? new JsonObject { ["fileData"] = new JsonObject { ["mimeType"] = piece.MediaType, ["fileUri"] = piece.Url } }
                    : new JsonObject { ["inlineData"] = new JsonObject { ["mimeType"] = piece.MediaType, ["data"] = piece.Data } };
            case PieceKind.Call:
                return new JsonObject { ["functionCall"] = new JsonObject { ["name"] = piece.Name, ["args"] = JsonNode.Parse(piece.Text) } };
            case PieceKind.Result:
                var result = new JsonObject { ["name"] = piece.Name, ["response"] = new JsonObject { [piece.IsError ? "error" : "output"] = piece.Text } };
                if (piece.Inner.Count > 0)
                    result["parts"] = Words.Array(piece.Inner.Select(Part));
                return new JsonObject { ["functionResponse"] = result };
            default:
                throw Words.No(piece.Kind.ToString());
        }
    }

    private static void Tools(Talk talk, JsonObject body)
    {
        Words.Unless(talk.Tools.All(t => t is { Cache: "", IsCustom: false, IsStrict: false }) && !talk.ParallelOff, "cache breakpoints, custom and strict tools, no parallel calls");
        var tools = new JsonArray();
        var functions = talk.Tools.Where(t => !t.IsServer).Select(t => (JsonNode)new JsonObject { ["name"] = t.Name, ["description"] = t.Description, ["parametersJsonSchema"] = JsonNode.Parse(t.Schema) }).ToList();
        if (functions.Count > 0)
            tools.Add((JsonNode)new JsonObject { ["functionDeclarations"] = Words.Array(functions) });
        if (talk.Tools.Any(t => t.IsServer))
            tools.Add((JsonNode)new JsonObject { ["googleSearch"] = new JsonObject() });
        if (tools.Count > 0)
            body["tools"] = tools;
        JsonObject? mode = talk.Choice.Split(' ') switch
        {
            [""] => null,
            ["any"] => new JsonObject { ["mode"] = "ANY" },
            ["none"] => new JsonObject { ["mode"] = "NONE" },
            ["call", var name] => new JsonObject { ["mode"] = "ANY", ["allowedFunctionNames"] = new JsonArray(name) },
            [_, var name] => new JsonObject { ["mode"] = "VALIDATED", ["allowedFunctionNames"] = new JsonArray(name) },
            _ => null,
        };
        if (mode is not null)
            body.Put("toolConfig.functionCallingConfig", mode);
    }
}
