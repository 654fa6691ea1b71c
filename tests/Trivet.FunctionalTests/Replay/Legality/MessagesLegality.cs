using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trivet.FunctionalTests.Replay.Meaning;

namespace Trivet.FunctionalTests.Replay.Legality;

/// <summary>The grammar of Messages streams (WIRE_FACTS §3.3): start first, blocks dense and one at a time, deltas that fit, arguments that parse, nothing after the end or an error.</summary>
internal static partial class MessagesLegality
{
    public static IReadOnlyList<string> Check(IReadOnlyList<SseFrame> frames)
    {
        var check = new Walk();
        foreach (var frame in frames)
        {
            var data = frame.ParseData();
            var type = (string?)data["type"] ?? "";
            if (frame.Name != type)
                check.Wrong.Add($"event '{frame.Name}' holds '{type}'");
            check.Take(type, data);
        }

        check.End();
        return check.Wrong;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex LegalId { get; }

    private sealed class Walk
    {
        private readonly HashSet<string> _ids = [];
        private string _phase = "new";
        private int _next;
        private string? _open;
        private string _arguments = "";
        private bool _isSigned;
        private bool _hasTool;

        public List<string> Wrong { get; } = [];

        public void Take(string type, JsonNode data)
        {
            if (_phase == "ended")
                Wrong.Add($"{type} after the end");
            else if (_phase == "new" && type is not ("message_start" or "error"))
                Wrong.Add($"{type} before message_start");
            switch (type)
            {
                case "message_start":
                    if (_phase != "new")
                        Wrong.Add("message_start again");
                    _phase = "content";
                    if ((long?)data["message"]?["usage"]?["input_tokens"] is not > 0)
                        Wrong.Add("message_start counts no input");
                    break;
                case "content_block_start":
                    Start(data);
                    break;
                case "content_block_delta":
                    Delta(data);
                    break;
                case "content_block_stop":
                    Stop(data);
                    break;
                case "message_delta":
                    if (_open is not null || _phase != "content")
                        Wrong.Add("message_delta with a block open, or again");
                    _phase = "stopping";
                    if ((string?)data["delta"]?["stop_reason"] is not { } reason)
                        Wrong.Add("no stop reason");
                    else if (reason == "tool_use" != _hasTool && reason is "tool_use" or "end_turn" or "stop_sequence")
                        Wrong.Add($"stop reason {reason} with{(_hasTool ? "" : "out")} a tool");
                    break;
                case "message_stop":
                    if (_phase != "stopping")
                        Wrong.Add("message_stop without message_delta");
                    _phase = "ended";
                    break;
                case "error":
                    _phase = "ended";
                    break;
                case "ping":
                    break;
                default:
                    Wrong.Add($"unknown event {type}");
                    break;
            }
        }

        public void End()
        {
            if (_phase != "ended")
                Wrong.Add("neither message_stop nor error at the end");
        }

        private void Start(JsonNode data)
        {
            if (_open is not null || _phase != "content")
                Wrong.Add("a block begins within another or outside the content");
            if ((int)data["index"]! != _next++)
                Wrong.Add($"index {data["index"]} is not dense");
            var block = data["content_block"]!;
            (_open, _arguments, _isSigned) = ((string)block["type"]!, "", false);
            if (_open != "tool_use")
                return;
            _hasTool = true;
            var id = (string?)block["id"] ?? "";
            if (!LegalId.IsMatch(id) || !_ids.Add(id) || string.IsNullOrEmpty((string?)block["name"]) || block["input"] is not JsonObject { Count: 0 })
                Wrong.Add($"tool_use begins with {block.ToJsonString()}");
        }

        private void Delta(JsonNode data)
        {
            var delta = data["delta"]!;
            var fits = ((string?)delta["type"], _open) switch
            {
                ("text_delta" or "citations_delta", "text") => true,
                ("thinking_delta", "thinking") => !_isSigned,
                ("signature_delta", "thinking") => true,
                ("input_json_delta", { } type) => type.EndsWith("tool_use", StringComparison.Ordinal), // also server_tool_use, mcp_tool_use
                _ => false,
            };
            if (!fits || (int)data["index"]! != _next - 1)
                Wrong.Add($"{delta["type"]} at {data["index"]} does not fit {_open ?? "no block"} at {_next - 1}");
            _isSigned |= (string?)delta["type"] == "signature_delta";
            _arguments += (string?)delta["partial_json"];
        }

        private void Stop(JsonNode data)
        {
            if (_open is null || (int)data["index"]! != _next - 1)
                Wrong.Add($"content_block_stop for {data["index"]}");
            if (_open == "thinking" && !_isSigned)
                Wrong.Add("thinking without a signature");
            if (_open == "tool_use" && !IsObject(_arguments))
                Wrong.Add($"arguments are no object: {_arguments}");
            _open = null;
        }

        private static bool IsObject(string json)
        {
            try
            {
                return json.Length == 0 || JsonNode.Parse(json) is JsonObject;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
