using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.Tests.Wire.Legality;

/// <summary>
/// Checks a stream against the grammar of OpenAI Responses (WIRE_FACTS §3.3), knowing nothing of the writer. Also folds it from its deltas, as the official
/// SDKs do, so that tests can compare meanings.
/// </summary>
internal sealed class OpenAIResponsesLegality
{
    private readonly Dictionary<int, Item> _open = [];
    private readonly HashSet<string> _ids = [];
    private readonly SortedDictionary<int, JsonNode> _doneByIndex = [];
    private int _sequence;
    private int _nextIndex;
    private string? _last;

    public List<string> Violations { get; } = [];

    /// <summary>Items in the order of their beginning.</summary>
    public List<Item> Items { get; } = [];

    /// <summary>The answer that the last event holds.</summary>
    public JsonNode? Answer { get; private set; }

    public JsonNode? Error { get; private set; }

    public List<JsonNode> Events { get; } = [];

    public string? LastType => _last;

    public static OpenAIResponsesLegality Check(ReadOnlySpan<byte> stream)
    {
        var check = new OpenAIResponsesLegality();
        var text = Encoding.UTF8.GetString(stream);
        if (text.Length > 0 && !text.EndsWith("\n\n", StringComparison.Ordinal))
            check.Violations.Add("the stream does not end with a blank line");
        foreach (var part in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith(':'))
                continue;
            var lines = part.Split('\n');
            if (lines.Length != 2 || !lines[0].StartsWith("event: ", StringComparison.Ordinal) || !lines[1].StartsWith("data: ", StringComparison.Ordinal))
            {
                check.Violations.Add("not an event line and a data line: " + part);
                continue;
            }

            var e = JsonNode.Parse(lines[1][6..])!;
            if (Word(e, "type") != lines[0][7..])
                check.Violations.Add("event name and type differ: " + part);
            check.Events.Add(e);
            check.Event(e);
        }

        check.End();
        return check;
    }

    private static string? Word(JsonNode? node, string name) => node?[name] is JsonValue value && value.TryGetValue<string>(out var word) ? word : null;

    private void Event(JsonNode e)
    {
        var type = Word(e, "type")!;
        if ((int?)e["sequence_number"] != _sequence)
            Violations.Add($"{type} has sequence_number {e["sequence_number"]?.ToJsonString()}, not {_sequence}");
        var expected = _sequence switch { 0 => "response.created", 1 => "response.in_progress", _ => null };
        if (expected is not null && type != expected)
            Violations.Add($"event {_sequence} is {type}, not {expected}");
        if (_sequence > 1 && type is "response.created" or "response.in_progress" && _sequence > 1)
            Violations.Add($"{type} in the midst");
        if (_last is "response.completed" or "response.incomplete" or "response.failed")
            Violations.Add($"{type} after {_last}");
        if (_last == "error" && type != "response.failed")
            Violations.Add($"{type} after an error");
        _sequence++;
        _last = type;
        switch (type)
        {
            case "response.created" or "response.in_progress":
                Answered(e["response"], "in_progress");
                break;
            case "response.completed":
                Final(e["response"], "completed");
                break;
            case "response.incomplete":
                Final(e["response"], "incomplete");
                if (Word(e["response"]!["incomplete_details"], "reason") is not ("max_output_tokens" or "content_filter"))
                    Violations.Add("incomplete without a reason");
                break;
            case "response.failed":
                Final(e["response"], "failed");
                if (Word(e["response"]!["error"], "message") is null)
                    Violations.Add("failed without an error");
                break;
            case "error":
                Error = e;
                break;
            case "response.output_item.added":
                Added(e);
                break;
            case "response.output_item.done":
                Done(e);
                break;
            default:
                Inner(e, type["response.".Length..]);
                break;
        }
    }

    private void Answered(JsonNode? answer, string status)
    {
        if (Word(answer, "status") != status)
            Violations.Add($"the answer's status is {Word(answer, "status")}, not {status}");
        if (Answer is not null && Word(Answer, "id") != Word(answer, "id"))
            Violations.Add("the answer's id has changed");
        Answer = answer;
    }

    private void Final(JsonNode? answer, string status)
    {
        Answered(answer, status);
        if (status != "failed" && _open.Count > 0)
            Violations.Add($"{_open.Count} items are open at the end");
        var expected = new JsonArray([.. _doneByIndex.Values.Select(item => item.DeepClone())]);
        if (JsonMeaning.Difference(expected, answer!["output"], "output") is { } difference)
            Violations.Add("the whole answer differs from the items: " + difference);
        if (status == "failed" != answer["error"] is not null)
            Violations.Add("error and status differ");
    }

    private void Added(JsonNode e)
    {
        var index = (int)e["output_index"]!;
        var item = e["item"]!;
        if (index != _nextIndex++)
            Violations.Add($"output_index {index} is not dense");
        if (_open.Count > 0)
            Violations.Add($"item {index} is added while another is open");
        var isVendors = Word(item, "call_id")?.StartsWith("xs_", StringComparison.Ordinal) == true; // xAI ran it itself and tells it whole
        var made = new Item(isVendors ? "vendor's" : Word(item, "type")!, Word(item, "id") ?? "");
        if (made.Type is "message" or "reasoning" or "function_call" or "custom_tool_call")
        {
            if (!_ids.Add(made.Id))
                Violations.Add($"id {made.Id} twice");
            var prefix = made.Type switch { "message" => "msg_", "reasoning" => "rs_", "function_call" => "fc_", _ => "ctc_" };
            if (!made.Id.StartsWith(prefix, StringComparison.Ordinal) || made.Id.Length > 64)
                Violations.Add($"id {made.Id} of a {made.Type}");
            if (item["content"] is JsonArray { Count: > 0 } || item["summary"] is JsonArray { Count: > 0 } || Word(item, "arguments") is { Length: > 0 } || Word(item, "input") is { Length: > 0 })
                Violations.Add("an item is added with content");
        }

        if (made.Type is "function_call" or "custom_tool_call" && (string.IsNullOrEmpty(Word(item, "call_id")) || string.IsNullOrEmpty(Word(item, "name"))))
            Violations.Add("a call without call_id or name");
        made.Added = item;
        _open[index] = made;
        Items.Add(made);
    }

    private Item? Find(JsonNode e, string type)
    {
        if (!_open.TryGetValue((int)e["output_index"]!, out var item))
        {
            Violations.Add($"{type} for an item that is not open");
            return null;
        }

        if (Word(e, "item_id") != item.Id)
            Violations.Add($"{type} names the item {Word(e, "item_id")}, not {item.Id}");
        return item;
    }

    private void Inner(JsonNode e, string type)
    {
        if (Find(e, type) is not { } item)
            return;
        var (allowed, place) = type.Split('.')[0] switch
        {
            "content_part" or "output_text" or "refusal" => ("message", (int?)e["content_index"]),
            "reasoning_summary_part" or "reasoning_summary_text" => ("reasoning", (int?)e["summary_index"]),
            "function_call_arguments" => ("function_call", null),
            "custom_tool_call_input" => ("custom_tool_call", null),
            "image_generation_call" => ("image_generation_call", null),
            _ => ("", null),
        };
        if (item.Type != allowed)
            Violations.Add($"{type} in an item of type {item.Type}");
        if (type.EndsWith("_part.added", StringComparison.Ordinal))
        {
            if (item.Part is not null || place != item.Parts.Count)
                Violations.Add($"{type} at {place} while {item.Parts.Count} parts are done or one is open");
            item.Part = new Part(Word(e["part"], "type")!);
        }
        else if (type.EndsWith("_part.done", StringComparison.Ordinal))
        {
            PartDone(item, e["part"]!, place, type);
        }
        else if (type.EndsWith(".delta", StringComparison.Ordinal))
        {
            Delta(item, e, place, type);
        }
        else if (type.EndsWith(".done", StringComparison.Ordinal))
        {
            TextDone(item, e, type);
        }
        else if (type == "output_text.annotation.added")
        {
            if (item.Part is not { Type: "output_text" } part || (int)e["annotation_index"]! != part.Annotations.Count)
                Violations.Add("an annotation out of place");
            else
                part.Annotations.Add(e["annotation"]!.DeepClone());
        }
        else if (type != "image_generation_call.completed")
        {
            Violations.Add("unknown event " + type);
        }
    }

    private void Delta(Item item, JsonNode e, int? place, string type)
    {
        var delta = Word(e, "delta");
        if (string.IsNullOrEmpty(delta))
            Violations.Add("an empty " + type);
        if (item.Type is "function_call" or "custom_tool_call")
        {
            if (item.IsTextDone)
                Violations.Add($"{type} after its done");
            item.Text.Append(delta);
            return;
        }

        var fits = type switch { "output_text.delta" => "output_text", "refusal.delta" => "refusal", _ => "summary_text" };
        if (item.Part is not { IsTextDone: false } part || part.Type != fits || place != item.Parts.Count)
            Violations.Add($"{type} out of place");
        else
            part.Text.Append(delta);
    }

    private void TextDone(Item item, JsonNode e, string type)
    {
        var whole = Word(e, type switch { "refusal.done" => "refusal", "function_call_arguments.done" => "arguments", "custom_tool_call_input.done" => "input", _ => "text" });
        if (item.Type is "function_call" or "custom_tool_call")
        {
            if (item.IsTextDone || whole != item.Text.ToString())
                Violations.Add($"{type} says {whole}, the deltas {item.Text}");
            item.IsTextDone = true;
            return;
        }

        if (item.Part is not { IsTextDone: false } part || whole != part.Text.ToString())
        {
            Violations.Add($"{type} says {whole}, the deltas {item.Part?.Text}");
            return;
        }

        part.IsTextDone = true;
    }

    private void PartDone(Item item, JsonNode part, int? place, string type)
    {
        if (item.Part is not { IsTextDone: true } open || place != item.Parts.Count)
        {
            Violations.Add($"{type} out of place");
            return;
        }

        var text = Word(part, open.Type == "refusal" ? "refusal" : "text");
        if (Word(part, "type") != open.Type || text != open.Text.ToString())
            Violations.Add($"{type} says {part.ToJsonString()}, the deltas {open.Text}");
        if (open.Type == "output_text" && JsonMeaning.Difference(new JsonArray([.. open.Annotations.Select(a => a.DeepClone())]), part["annotations"], "annotations") is { } difference)
            Violations.Add(difference);
        item.Parts.Add(part.DeepClone());
        item.Part = null;
    }

    private void Done(JsonNode e)
    {
        var index = (int)e["output_index"]!;
        if (!_open.Remove(index, out var item))
        {
            Violations.Add($"item {index} is done but not open");
            return;
        }

        var done = e["item"]!;
        _doneByIndex[index] = done;
        item.Done = done;
        if (item.Part is not null)
            Violations.Add($"item {index} is done while a part is open");
        if (Word(done, "id") is { } id && id != item.Id || Word(done, "type") != Word(item.Added, "type"))
            Violations.Add($"item {index} is another when done");
        var parts = new JsonArray([.. item.Parts.Select(p => p.DeepClone())]);
        var (said, told) = item.Type switch
        {
            "message" => (done["content"], (JsonNode)parts),
            "reasoning" => (done["summary"], parts),
            "function_call" => (done["arguments"], JsonValue.Create(item.Text.ToString())),
            "custom_tool_call" => (done["input"], JsonValue.Create(item.Text.ToString())),
            _ => (done, done),
        };
        if (JsonMeaning.Difference(told, said, $"item {index}") is { } difference)
            Violations.Add("the item when done differs from its events: " + difference);
        if (item.Type is "function_call" or "custom_tool_call" && (!item.IsTextDone || Word(done, "call_id") != Word(item.Added, "call_id") || Word(done, "name") != Word(item.Added, "name")))
            Violations.Add($"the call {index} is not whole when done");
        if (item.Type is "message" && item.Parts.Count == 0)
            Violations.Add("a message without parts");
    }

    private void End()
    {
        if (_last is not ("response.completed" or "response.incomplete" or "response.failed"))
            Violations.Add($"the stream ends with {_last ?? "nothing"}");
        if (Error is not null && _last != "response.failed")
            Violations.Add("an error without response.failed");
    }

    /// <summary>An item as a client sees it.</summary>
    internal sealed class Item(string type, string id)
    {
        public string Type { get; } = type;

        public string Id { get; } = id;

        public JsonNode? Added { get; set; }

        public JsonNode? Done { get; set; }

        public StringBuilder Text { get; } = new();

        public bool IsTextDone { get; set; }

        public Part? Part { get; set; }

        public List<JsonNode> Parts { get; } = [];
    }

    /// <summary>A part that is open.</summary>
    internal sealed class Part(string type)
    {
        public string Type { get; } = type;

        public StringBuilder Text { get; } = new();

        public List<JsonNode> Annotations { get; } = [];

        public bool IsTextDone { get; set; }
    }
}
