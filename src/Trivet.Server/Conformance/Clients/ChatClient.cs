using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>OpenAI Chat Completions.</summary>
internal sealed class ChatClient : IClient
{
    private static readonly Dictionary<string, string> SettingPaths = new(StringComparer.Ordinal)
    {
        ["temperature"] = "temperature",
        ["top_p"] = "top_p",
        ["presence_penalty"] = "presence_penalty",
        ["frequency_penalty"] = "frequency_penalty",
        ["seed"] = "seed",
        ["logprobs"] = "logprobs",
        ["top_logprobs"] = "top_logprobs",
        ["logit_bias"] = "logit_bias",
        ["user"] = "user",
        ["metadata"] = "metadata",
        ["tier"] = "service_tier",
        ["cache_key"] = "prompt_cache_key",
        ["verbosity"] = "verbosity",
        ["store"] = "store",
    };

    public string Name => "openai-chat";

    public char Letter => 'C';

    public string Path(string model, bool stream) => "/v1/chat/completions";

    public void Authorize(HttpRequestMessage request, string key) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

    public JsonObject Make(Talk talk, string model, bool stream)
    {
        var messages = new JsonArray();
        var body = new JsonObject { ["model"] = model, ["messages"] = messages };
        if (talk.System.Count > 0)
        {
            Words.Unless(talk.System.All(p => p.Cache.Length == 0), "cache breakpoints");
            messages.Add((JsonNode)new JsonObject { ["role"] = talk.SystemAsDeveloper ? "developer" : "system", ["content"] = talk.SystemAsArray ? Words.Array(talk.System.Select(Part)) : string.Concat(talk.System.Select(p => p.Text)) });
        }

        foreach (var said in talk.Turns)
            Say(said, messages);
        Tools(talk, body);
        if (talk.TokensMax is { } most)
            body["max_completion_tokens"] = most;
        if (talk.Stop.Count > 0)
            body["stop"] = Words.Array(talk.Stop.Select(s => (JsonNode)s));
        if (talk.Choices is { } choices)
            body["n"] = choices;
        Words.Unless(talk.Budget is null && (talk.Thinking != "on" || talk.Effort is not null), "thinking by budget");
        if (talk.Thinking.Length > 0)
            body["reasoning_effort"] = talk.Thinking == "off" ? "none" : talk.Effort;
        if (talk.Format == "json")
            body["response_format"] = new JsonObject { ["type"] = "json_object" };
        else if (talk.Format == "schema")
            body["response_format"] = new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "answer", ["schema"] = JsonNode.Parse(talk.FormatSchema!), ["strict"] = true } };
        Words.Settings(talk, body, SettingPaths);
        if (stream)
            (body["stream"], body["stream_options"]) = (true, new JsonObject { ["include_usage"] = true });

        return body;
    }

    public Heard ReadWhole(JsonObject body) => ChatAnswers.ReadWhole(body);

    public Heard ReadStream(ReadOnlyMemory<byte> body) => ChatAnswers.ReadStream(body);

    public (string? Fault, string Message) ReadError(int status, JsonNode? body) => OpenAIEnvelope.Read(body);

    private static void Say(Said said, JsonArray messages)
    {
        if (said.Verbatim is { } verbatim)
        {
            foreach (var message in verbatim)
                messages.Add(message!.DeepClone());
            return;
        }

        if (said.Who == "assistant")
        {
            Words.Unless(said.Pieces.All(p => p.Kind is PieceKind.Text or PieceKind.Call), "thoughts and vendors' own blocks in history");
            var calls = said.Pieces.Where(p => p.Kind == PieceKind.Call).Select(c => (JsonNode)new JsonObject
            {
                ["id"] = c.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = c.Text },
            }).ToList();
            var text = string.Concat(said.Pieces.Where(p => p.Kind == PieceKind.Text).Select(p => p.Text));
            var message = new JsonObject { ["role"] = "assistant", ["content"] = text.Length == 0 && calls.Count > 0 ? null : text };
            if (calls.Count > 0)
                message["tool_calls"] = Words.Array(calls);
            messages.Add((JsonNode)message);
            return;
        }

        foreach (var result in said.Pieces.Where(p => p.Kind == PieceKind.Result))
        {
            Words.Unless(!result.IsError && result.Inner.Count == 0, "errors and images in results");
            messages.Add((JsonNode)new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.Id, ["content"] = result.Text });
        }

        var rest = said.Pieces.Where(p => p.Kind != PieceKind.Result).ToList();
        Words.Unless(rest.Count == 0 || said.Pieces.Count == rest.Count || said.Pieces[0].Kind == PieceKind.Result, "text before results");
        if (rest.Count > 0)
            messages.Add((JsonNode)new JsonObject { ["role"] = said.Who, ["content"] = rest is [{ Kind: PieceKind.Text, Cache: "" } only] ? only.Text : Words.Array(rest.Select(Part)) });
    }

    private static JsonObject Part(Piece piece)
    {
        Words.Unless(piece.Cache.Length == 0, "cache breakpoints");
        switch (piece.Kind)
        {
            case PieceKind.Text:
                return new JsonObject { ["type"] = "text", ["text"] = piece.Text };
            case PieceKind.Image:
                var image = new JsonObject { ["url"] = piece.Url.Length > 0 ? piece.Url : piece.DataUri };
                if (piece.Detail is not null)
                    image["detail"] = piece.Detail;
                return new JsonObject { ["type"] = "image_url", ["image_url"] = image };
            case PieceKind.Document when piece.Data.Length > 0:
                return new JsonObject { ["type"] = "file", ["file"] = new JsonObject { ["filename"] = "a.pdf", ["file_data"] = piece.DataUri } };
            case PieceKind.Audio:
                return new JsonObject { ["type"] = "input_audio", ["input_audio"] = new JsonObject { ["data"] = piece.Data, ["format"] = piece.MediaType.Split('/')[1] } };
            default:
                throw Words.No(piece.Kind.ToString());
        }
    }

    private static void Tools(Talk talk, JsonObject body)
    {
        Words.Unless(talk.Tools.All(t => t.Cache.Length == 0), "cache breakpoints");
        if (talk.Tools.Any(t => t.IsServer))
            body["web_search_options"] = new JsonObject();
        var offers = talk.Tools.Where(t => !t.IsServer).Select(Offer).ToList();
        if (offers.Count > 0)
            body["tools"] = Words.Array(offers);
        if (talk.Choice.Length > 0)
            body["tool_choice"] = Choice(talk.Choice);
        if (talk.ParallelOff)
            body["parallel_tool_calls"] = false;
    }

    private static JsonNode Offer(ToolOffer tool)
    {
        if (tool.IsCustom)
            return new JsonObject { ["type"] = "custom", ["custom"] = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description } };
        var function = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description, ["parameters"] = JsonNode.Parse(tool.Schema) };
        if (tool.IsStrict)
            function["strict"] = true;
        return new JsonObject { ["type"] = "function", ["function"] = function };
    }

    private static JsonNode Choice(string choice) => choice.Split(' ') switch
    {
        ["any"] => "required",
        ["call", var name] => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } },
        ["allowed", var name] => new JsonObject
        {
            ["type"] = "allowed_tools",
            ["allowed_tools"] = new JsonObject { ["mode"] = "auto", ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } }) },
        },
        _ => choice,
    };
}
