using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>OpenAI Responses, without stored state.</summary>
internal sealed class ResponsesClient : IClient
{
    private static readonly Dictionary<string, string> SettingPaths = new(StringComparer.Ordinal)
    {
        ["temperature"] = "temperature",
        ["top_p"] = "top_p",
        ["top_logprobs"] = "top_logprobs",
        ["user"] = "user",
        ["metadata"] = "metadata",
        ["tier"] = "service_tier",
        ["cache_key"] = "prompt_cache_key",
        ["verbosity"] = "text.verbosity",
    };

    public string Name => "openai-responses";

    public char Letter => 'R';

    public string Path(string model, bool stream) => "/v1/responses";

    public void Authorize(HttpRequestMessage request, string key) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

    public JsonObject Make(Talk talk, string model, bool stream)
    {
        var input = new JsonArray();
        var body = new JsonObject { ["model"] = model, ["input"] = input, ["store"] = false };
        Words.Unless(talk.System.All(p => p.Cache.Length == 0), "cache breakpoints");
        if (talk.System.Count > 0 && (talk.SystemAsArray || talk.SystemAsDeveloper))
            input.Add((JsonNode)Message(talk.SystemAsDeveloper ? "developer" : "system", talk.System));
        else if (talk.System.Count > 0)
            body["instructions"] = string.Concat(talk.System.Select(p => p.Text));
        foreach (var said in talk.Turns)
            Say(said, input);
        Tools(talk, body);
        if (talk.TokensMax is { } most)
            body["max_output_tokens"] = most;
        Words.Unless(talk.Stop.Count == 0 && talk.Choices is null, "stop sequences, several choices");
        Words.Unless(talk.Budget is null && (talk.Thinking != "on" || talk.Effort is not null), "thinking by budget");
        if (talk.Thinking.Length > 0)
        {
            body["reasoning"] = talk.Thinking == "off" ? new JsonObject { ["effort"] = "none" } : new JsonObject { ["effort"] = talk.Effort, ["summary"] = "auto" };
            body["include"] = new JsonArray("reasoning.encrypted_content");
        }

        if (talk.Format == "json")
            body.Put("text.format", new JsonObject { ["type"] = "json_object" });
        else if (talk.Format == "schema")
            body.Put("text.format", new JsonObject { ["type"] = "json_schema", ["name"] = "answer", ["schema"] = JsonNode.Parse(talk.FormatSchema!), ["strict"] = true });
        Words.Settings(talk, body, SettingPaths);
        if (stream)
            body["stream"] = true;
        return body;
    }

    public Heard ReadWhole(JsonObject body) => ResponsesAnswers.ReadWhole(body);

    public Heard ReadStream(ReadOnlyMemory<byte> body) => ResponsesAnswers.ReadStream(body);

    public (string? Fault, string Message) ReadError(int status, JsonNode? body) => OpenAIEnvelope.Read(body);

    private static void Say(Said said, JsonArray input)
    {
        if (said.Verbatim is { } verbatim)
        {
            foreach (var item in verbatim)
                input.Add(item!.DeepClone());
            return;
        }

        var pending = new List<Piece>();
        foreach (var piece in said.Pieces)
        {
            if (piece.Kind is not (PieceKind.Call or PieceKind.Result))
            {
                pending.Add(piece);
                continue;
            }

            Flush();
            Words.Unless(!piece.IsError, "errors in results");
            input.Add(piece.Kind == PieceKind.Call
                ? (JsonNode)new JsonObject { ["type"] = "function_call", ["call_id"] = piece.Id, ["name"] = piece.Name, ["arguments"] = piece.Text }
                : new JsonObject { ["type"] = "function_call_output", ["call_id"] = piece.Id, ["output"] = piece.Inner.Count == 0 ? piece.Text : Words.Array(piece.Inner.Prepend(Piece.OfText(piece.Text)).Select(p => Part(p, "input_text"))) });
        }

        Flush();

        void Flush()
        {
            if (pending.Count > 0)
                input.Add((JsonNode)Message(said.Who, pending));
            pending.Clear();
        }
    }

    private static JsonObject Message(string role, IReadOnlyList<Piece> pieces) => new()
    {
        ["type"] = "message",
        ["role"] = role,
        ["content"] = Words.Array(pieces.Select(p => Part(p, role == "assistant" ? "output_text" : "input_text"))),
    };

    private static JsonObject Part(Piece piece, string text)
    {
        Words.Unless(piece.Cache.Length == 0, "cache breakpoints");
        switch (piece.Kind)
        {
            case PieceKind.Text:
                var said = new JsonObject { ["type"] = text, ["text"] = piece.Text };
                if (text == "output_text")
                    said["annotations"] = new JsonArray();
                return said;
            case PieceKind.Image:
                return new JsonObject { ["type"] = "input_image", ["image_url"] = piece.Url.Length > 0 ? piece.Url : piece.DataUri, ["detail"] = piece.Detail ?? "auto" };
            case PieceKind.Document when piece.Data.Length > 0:
                return new JsonObject { ["type"] = "input_file", ["filename"] = "a.pdf", ["file_data"] = piece.DataUri };
            case PieceKind.Document:
                return new JsonObject { ["type"] = "input_file", ["file_url"] = piece.Url };
            default:
                throw Words.No(piece.Kind.ToString());
        }
    }

    private static void Tools(Talk talk, JsonObject body)
    {
        Words.Unless(talk.Tools.All(t => t.Cache.Length == 0), "cache breakpoints");
        if (talk.Tools.Count > 0)
            body["tools"] = Words.Array(talk.Tools.Select(Offer));
        if (talk.Choice.Length > 0)
        {
            body["tool_choice"] = talk.Choice.Split(' ') switch
            {
                ["any"] => "required",
                ["call", var name] => new JsonObject { ["type"] = "function", ["name"] = name },
                ["allowed", var name] => new JsonObject { ["type"] = "allowed_tools", ["mode"] = "auto", ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = name }) },
                _ => talk.Choice,
            };
        }

        if (talk.ParallelOff)
            body["parallel_tool_calls"] = false;
    }

    private static JsonNode Offer(ToolOffer tool) => tool switch
    {
        { IsServer: true } => new JsonObject { ["type"] = "web_search" },
        { IsCustom: true } => new JsonObject { ["type"] = "custom", ["name"] = tool.Name, ["description"] = tool.Description },
        _ => new JsonObject { ["type"] = "function", ["name"] = tool.Name, ["description"] = tool.Description, ["parameters"] = JsonNode.Parse(tool.Schema), ["strict"] = tool.IsStrict },
    };
}
