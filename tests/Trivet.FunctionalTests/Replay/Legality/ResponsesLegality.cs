using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Meaning;

namespace Trivet.FunctionalTests.Replay.Legality;

/// <summary>
/// The grammar of Responses streams (WIRE_FACTS §3.3): numbered without a gap, created, in progress, items in pairs with one id and place, every done equal to
/// its deltas, one last event whose items are those that were streamed.
/// </summary>
internal static class ResponsesLegality
{
    public static IReadOnlyList<string> Check(IReadOnlyList<SseFrame> frames)
    {
        var stream = new Stream();
        for (var i = 0; i < frames.Count; i++)
            stream.Take(frames[i], i);
        return stream.Finish();
    }

    private sealed class Stream
    {
        private readonly List<string> _wrong = [];
        private readonly SortedDictionary<int, Item> _items = [];
        private string? _id;
        private string? _end;

        public void Take(SseFrame frame, int number)
        {
            if (!frame.Data.StartsWith('{'))
            {
                _wrong.Add($"not an event: {frame.Data}");
                return;
            }

            var data = frame.ParseData();
            var type = (string?)data["type"] ?? "";
            if (frame.Name != type)
                _wrong.Add($"event {frame.Name} holds {type}");
            if ((int?)data["sequence_number"] != number)
                _wrong.Add($"number {data["sequence_number"]} at {number}");
            if (_end is not null && !(_end == "error" && type == "response.failed"))
                _wrong.Add($"{type} after {_end}");
            var first = number switch { 0 => "response.created", 1 => "response.in_progress", _ => null };
            if (first is not null && type != first && type != "error")
                _wrong.Add($"{type} instead of {first}");
            if (data["response"] is { } response && (_id ??= (string?)response["id"]) != (string?)response["id"])
                _wrong.Add("the id changes");
            Event(type, data);
        }

        public List<string> Finish()
        {
            if (_end is null)
                _wrong.Add("no end");
            if (_end is "response.completed" or "response.incomplete")
                _wrong.AddRange(_items.Where(i => i.Value.Done is null).Select(i => $"item {i.Key} is never done"));
            return _wrong;
        }

        private void Event(string type, JsonNode data)
        {
            switch (type)
            {
                case "response.created" or "response.in_progress":
                    break;
                case "response.completed" or "response.incomplete" or "response.failed":
                    End(type, data["response"]!);
                    break;
                case "error":
                    _end = type;
                    break;
                case "response.output_item.added":
                    Added((int)data["output_index"]!, data["item"]!);
                    break;
                case "response.output_item.done":
                    Done((int)data["output_index"]!, data["item"]!);
                    break;
                default:
                    if (!_items.TryGetValue((int?)data["output_index"] ?? -1, out var item) || item.Done is not null)
                        _wrong.Add($"{type} outside of its item");
                    else if ((string?)data["item_id"] != item.Id)
                        _wrong.Add($"{type} names {data["item_id"]} in {item.Id}");
                    else
                        item.Take(type, data, _wrong);
                    break;
            }
        }

        private void Added(int index, JsonNode item)
        {
            var id = (string?)item["id"] ?? "";
            if (index != _items.Count)
                _wrong.Add($"item {index} comes as number {_items.Count}");
            if (id.Length == 0 || _items.Values.Any(i => i.Id == id))
                _wrong.Add($"item {index} has the id '{id}'");
            _items[index] = new Item(id, (string?)item["type"] ?? "");
        }

        private void Done(int index, JsonNode item)
        {
            if (!_items.TryGetValue(index, out var open) || open.Done is not null)
                _wrong.Add($"item {index} is done without being open");
            else if ((string?)item["id"] != open.Id || (string?)item["type"] != open.Type)
                _wrong.Add($"item {index} is done as another");
            else
                open.Finish(item, _wrong);
        }

        private void End(string type, JsonNode response)
        {
            _end = type;
            if ("response." + (string?)response["status"] != type)
                _wrong.Add($"{type} with status {response["status"]}");
            if (type == "response.failed")
                return;
            var output = response["output"] as JsonArray ?? [];
            if (!JsonNode.DeepEquals(output, new JsonArray([.. _items.Values.Select(i => i.Done?.DeepClone())])))
                _wrong.Add("the last event's items are not those that were streamed");
            if (response["usage"] is JsonObject usage && (long?)usage["total_tokens"] != (long?)usage["input_tokens"] + (long?)usage["output_tokens"])
                _wrong.Add("the tokens do not add up");
        }
    }

    private sealed class Item(string id, string type)
    {
        private readonly Dictionary<string, StringBuilder> _texts = new(StringComparer.Ordinal);
        private readonly HashSet<string> _open = new(StringComparer.Ordinal);
        private readonly HashSet<string> _done = new(StringComparer.Ordinal);

        public string Id { get; } = id;

        public string Type { get; } = type;

        public JsonNode? Done { get; private set; }

        public void Take(string type, JsonNode data, List<string> wrong)
        {
            var part = $"{data["content_index"] ?? data["summary_index"]}";
            if (type is "response.content_part.added" or "response.reasoning_summary_part.added")
            {
                if (!_open.Add(part) || _done.Contains(part))
                    wrong.Add($"part {part} begins twice");
            }
            else if (type is "response.content_part.done" or "response.reasoning_summary_part.done")
            {
                if (!_open.Remove(part) || !_done.Add(part))
                    wrong.Add($"part {part} ends twice");
                if (_texts.TryGetValue(part, out var said) && ((string?)data["part"]!["text"] ?? (string?)data["part"]!["refusal"]) != said.ToString())
                    wrong.Add($"part {part} is not what was streamed");
            }
            else if (type.EndsWith(".delta", StringComparison.Ordinal))
            {
                if (part.Length > 0 && !_open.Contains(part))
                    wrong.Add($"{type} outside of a part");
                if (!_texts.TryGetValue(part, out var text))
                    _texts[part] = text = new StringBuilder();
                text.Append((string?)data["delta"]);
            }
            else if (type.EndsWith(".done", StringComparison.Ordinal) && (data["text"] ?? data["arguments"] ?? data["input"] ?? data["refusal"]) is { } whole && (string?)whole != (_texts.GetValueOrDefault(part)?.ToString() ?? ""))
            {
                wrong.Add($"{type} is not what was streamed");
            }
        }

        public void Finish(JsonNode item, List<string> wrong)
        {
            Done = item;
            if (_open.Count > 0)
                wrong.Add($"item {Id} is done with an open part");
            var whole = Type switch { "function_call" => (string?)item["arguments"], "custom_tool_call" => (string?)item["input"], _ => null };
            if (whole is not null && whole != (_texts.GetValueOrDefault("")?.ToString() ?? ""))
                wrong.Add($"the arguments of {Id} are not what was streamed");
            if (Type == "message" && item["content"] is JsonArray parts && parts.Count != _done.Count)
                wrong.Add($"{Id} has {parts.Count} parts and {_done.Count} were streamed");
        }
    }
}
