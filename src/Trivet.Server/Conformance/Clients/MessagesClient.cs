using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Anthropic Messages.</summary>
internal sealed class MessagesClient : IClient
{
    private const int TokensMax = 4096;
    private const int BudgetTokens = 2048;

    private static readonly Dictionary<string, string> SettingPaths = new(StringComparer.Ordinal)
    {
        ["temperature"] = "temperature",
        ["top_p"] = "top_p",
        ["top_k"] = "top_k",
        ["user"] = "metadata.user_id",
        ["tier"] = "service_tier",
    };

    public string Name => "anthropic-messages";

    public char Letter => 'A';

    public string Path(string model, bool stream) => "/v1/messages";

    public string CountPath(string model) => "/v1/messages/count_tokens";

    public void Authorize(HttpRequestMessage request, string key)
    {
        request.Headers.Add("x-api-key", key);
        request.Headers.Add("anthropic-version", "2023-06-01");
    }

    public JsonObject Make(Talk talk, string model, bool stream)
    {
        var messages = new JsonArray();
        var body = new JsonObject { ["model"] = model, ["max_tokens"] = talk.TokensMax ?? TokensMax };
        Words.Unless(!talk.SystemAsDeveloper, "developer");
        if (talk.System.Count > 0)
            body["system"] = talk.SystemAsArray || talk.System.Any(p => p.Cache.Length > 0) ? Words.Array(talk.System.Select(Block)) : string.Concat(talk.System.Select(p => p.Text));
        body["messages"] = messages;
        foreach (var said in talk.Turns)
        {
            if (said.Verbatim is { } verbatim)
                messages.Add(verbatim[0]!.DeepClone());
            else
                messages.Add((JsonNode)new JsonObject { ["role"] = said.Who, ["content"] = said.Pieces is [{ Kind: PieceKind.Text, Cache: "" } only] ? only.Text : Words.Array(said.Pieces.Select(Block)) });
        }

        Tools(talk, body);
        if (talk.Stop.Count > 0)
            body["stop_sequences"] = Words.Array(talk.Stop.Select(s => (JsonNode)s));
        Words.Unless(talk.Choices is null && talk.Format != "json", "several choices, JSON without a schema");
        if (talk.Format == "schema")
            body.Put("output_config.format", new JsonObject { ["type"] = "json_schema", ["schema"] = JsonNode.Parse(talk.FormatSchema!) });
        Thinking(talk, body);
        Words.Settings(talk, body, SettingPaths);
        if (stream)
            body["stream"] = true;
        return body;
    }

    public Heard ReadWhole(JsonObject body) => MessagesAnswers.ReadWhole(body);

    public Heard ReadStream(ReadOnlyMemory<byte> body) => MessagesAnswers.ReadStream(body);

    public long? ReadCount(JsonObject body) => body["input_tokens"]?.Long();

    public (string? Fault, string Message) ReadError(int status, JsonNode? body)
    {
        var error = body.Obj()?["error"].Obj();
        var type = error?["type"].Str() ?? "";
        var fits = status switch
        {
            400 => type is "invalid_request_error",
            401 => type is "authentication_error",
            403 => type is "permission_error",
            404 => type is "not_found_error",
            413 => type is "request_too_large",
            429 => type is "rate_limit_error",
            503 or 529 => type is "overloaded_error",
            504 => type is "timeout_error" or "api_error",
            _ => type.Length > 0,
        };
        var fault = body.Obj()?["type"].Str() != "error" ? "the envelope has no type error" : !fits ? $"type {type} with status {status}" : error!["message"].Str().Length == 0 ? "no message" : null;
        return (fault, error?["message"].Str() ?? "");
    }

    private static void Thinking(Talk talk, JsonObject body)
    {
        if (talk.Thinking == "off")
            body["thinking"] = new JsonObject { ["type"] = "disabled" };
        else if (talk.Effort is not null)
            (body["thinking"], body["output_config"]) = (new JsonObject { ["type"] = "adaptive" }, new JsonObject { ["effort"] = talk.Effort });
        else if (talk.Thinking == "on")
            body["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = talk.Budget ?? BudgetTokens };
    }

    private static JsonObject Block(Piece piece)
    {
        var block = piece.Kind switch
        {
            PieceKind.Text => new JsonObject { ["type"] = "text", ["text"] = piece.Text },
            PieceKind.Image => new JsonObject { ["type"] = "image", ["source"] = Source(piece) },
            PieceKind.Document => new JsonObject { ["type"] = "document", ["source"] = Source(piece) },
            PieceKind.Call => new JsonObject { ["type"] = "tool_use", ["id"] = piece.Id, ["name"] = piece.Name, ["input"] = JsonNode.Parse(piece.Text) },
            PieceKind.Result => Result(piece),
            PieceKind.Opaque => (JsonObject)JsonNode.Parse(piece.Text)!,
            _ => throw Words.No(piece.Kind.ToString()),
        };
        Words.Unless(piece.Detail is null, "detail");
        if (piece.Cache.Length > 0)
            block["cache_control"] = Cache(piece.Cache);
        return block;
    }

    private static JsonObject Result(Piece piece)
    {
        var result = new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = piece.Id };
        if (piece.Inner.Count == 0)
            result["content"] = piece.Text;
        else
            result["content"] = Words.Array(piece.Inner.Prepend(Piece.OfText(piece.Text)).Select(Block));
        if (piece.IsError)
            result["is_error"] = true;
        return result;
    }

    private static JsonObject Source(Piece piece) => piece.Url.Length > 0
        ? new JsonObject { ["type"] = "url", ["url"] = piece.Url }
        : new JsonObject { ["type"] = "base64", ["media_type"] = piece.MediaType, ["data"] = piece.Data };

    private static JsonObject Cache(string ttl) => ttl == "5m" ? new JsonObject { ["type"] = "ephemeral" } : new JsonObject { ["type"] = "ephemeral", ["ttl"] = ttl };

    private static void Tools(Talk talk, JsonObject body)
    {
        if (talk.Tools.Count > 0)
            body["tools"] = Words.Array(talk.Tools.Select(Offer));
        JsonObject? choice = talk.Choice.Split(' ') switch
        {
            [""] => talk.ParallelOff ? new JsonObject { ["type"] = "auto" } : null,
            ["any"] => new JsonObject { ["type"] = "any" },
            ["none"] => new JsonObject { ["type"] = "none" },
            ["call", var name] => new JsonObject { ["type"] = "tool", ["name"] = name },
            _ => throw Words.No("allowed tools"),
        };
        if (choice is null)
            return;
        if (talk.ParallelOff)
            choice["disable_parallel_tool_use"] = true;
        body["tool_choice"] = choice;
    }

    private static JsonNode Offer(ToolOffer tool)
    {
        Words.Unless(!tool.IsCustom, "custom tools");
        if (tool.IsServer)
            return new JsonObject { ["type"] = "web_search_20250305", ["name"] = "web_search" };
        var offer = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description, ["input_schema"] = JsonNode.Parse(tool.Schema) };
        if (tool.IsStrict)
            offer["strict"] = true;
        if (tool.Cache.Length > 0)
            offer["cache_control"] = Cache(tool.Cache);
        return offer;
    }
}
