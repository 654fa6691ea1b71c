using System.Text;
using System.Text.Json;

namespace Trivet.Tests.Wire.Legality;

/// <summary>
/// Checks a stream against Anthropic's grammar (WIRE_FACTS §3.3), knowing nothing of the writer. Also folds it, as the official SDKs do, so that
/// tests can compare meanings.
/// </summary>
internal sealed class AnthropicMessagesLegality
{
    private readonly Dictionary<int, Block> _open = [];
    private int _nextIndex;
    private bool _started;
    private bool _deltaSeen;
    private bool _stopped;
    private bool _failed;

    public List<string> Violations { get; } = [];

    public List<Block> Blocks { get; } = [];

    public string? StopReason { get; private set; }

    public JsonElement StartMessage { get; private set; }

    public JsonElement FinalUsage { get; private set; }

    public JsonElement? Error { get; private set; }

    public int Pings { get; private set; }

    private bool _isRecorded;

    /// <summary>Checks a stream of ours, or a recorded one: Anthropic's own calls without arguments add up to nothing at all.</summary>
    public static AnthropicMessagesLegality Check(ReadOnlySpan<byte> stream, bool isRecorded = false)
    {
        var check = new AnthropicMessagesLegality { _isRecorded = isRecorded };
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

            using var document = JsonDocument.Parse(lines[1][6..]);
            var e = document.RootElement.Clone();
            if (e.GetProperty("type").GetString() != lines[0][7..])
                check.Violations.Add("event name and type differ: " + part);
            check.Event(e);
        }

        check.End();
        return check;
    }

    private void Event(JsonElement e)
    {
        var type = e.GetProperty("type").GetString()!;
        if (_stopped || _failed)
            Violations.Add($"{type} after the end");
        if (!_started && type is not ("message_start" or "error" or "ping"))
            Violations.Add($"{type} before message_start");
        switch (type)
        {
            case "message_start":
                if (_started)
                    Violations.Add("message_start twice");
                _started = true;
                StartMessage = e.GetProperty("message");
                break;
            case "ping":
                Pings++;
                break;
            case "content_block_start":
                BlockStart(e);
                break;
            case "content_block_delta":
                Delta(e);
                break;
            case "content_block_stop":
                BlockStop(e);
                break;
            case "message_delta":
                if (_open.Count > 0)
                    Violations.Add("message_delta while a block is open");
                if (_deltaSeen)
                    Violations.Add("message_delta twice");
                _deltaSeen = true;
                StopReason = e.GetProperty("delta").GetProperty("stop_reason").GetString();
                FinalUsage = e.GetProperty("usage");
                break;
            case "message_stop":
                if (!_deltaSeen)
                    Violations.Add("message_stop before message_delta");
                _stopped = true;
                break;
            case "error":
                _failed = true;
                Error = e.GetProperty("error");
                break;
            default:
                Violations.Add("unknown event " + type);
                break;
        }
    }

    private void BlockStart(JsonElement e)
    {
        var index = e.GetProperty("index").GetInt32();
        var start = e.GetProperty("content_block");
        if (_deltaSeen)
            Violations.Add("a block after message_delta");
        if (_open.Count > 0)
            Violations.Add($"block {index} starts while another is open");
        if (index != _nextIndex++)
            Violations.Add($"index {index} is not dense");
        var block = new Block(start.GetProperty("type").GetString()!, start);
        if (block.Type == "tool_use" && start.GetProperty("input").GetRawText() != "{}")
            Violations.Add("tool_use does not start with an empty input");
        _open[index] = block;
        Blocks.Add(block);
    }

    private void Delta(JsonElement e)
    {
        var index = e.GetProperty("index").GetInt32();
        var delta = e.GetProperty("delta");
        var type = delta.GetProperty("type").GetString()!;
        if (!_open.TryGetValue(index, out var block))
        {
            Violations.Add($"{type} for block {index}, which is not open");
            return;
        }

        if (block.Signature is not null)
            Violations.Add($"{type} after the signature");
        switch (type, block.Type)
        {
            case ("text_delta", "text"):
                block.Text.Append(delta.GetProperty("text").GetString());
                break;
            case ("thinking_delta", "thinking"):
                block.Text.Append(delta.GetProperty("thinking").GetString());
                break;
            case ("signature_delta", "thinking"):
                block.Signature = delta.GetProperty("signature").GetString();
                break;
            case ("input_json_delta", _) when block.Type.EndsWith("tool_use", StringComparison.Ordinal):
                var fragment = delta.GetProperty("partial_json").GetString()!;
                if (block.Type == "tool_use" && !block.HasInput && fragment.Length > 0)
                    Violations.Add("the first partial_json is not empty");
                block.HasInput = true;
                block.Text.Append(fragment);
                break;
            case ("citations_delta", "text"):
                block.Citations.Add(delta.GetProperty("citation").GetRawText());
                break;
            case ("compaction_delta", "compaction"):
                break;
            default:
                Violations.Add($"{type} in a block of type {block.Type}");
                break;
        }
    }

    private void BlockStop(JsonElement e)
    {
        var index = e.GetProperty("index").GetInt32();
        if (!_open.Remove(index, out var block))
        {
            Violations.Add($"block {index} stops but is not open");
            return;
        }

        if (block.Type == "thinking" && block.Signature is null)
            Violations.Add("thinking without a signature");
        if (block.Type == "tool_use" && !(_isRecorded && block.Text.Length == 0))
        {
            try
            {
                using var input = JsonDocument.Parse(block.Text.ToString());
                if (input.RootElement.ValueKind != JsonValueKind.Object)
                    Violations.Add("the input is no object");
            }
            catch (JsonException)
            {
                Violations.Add("partial_json does not add up to JSON: " + block.Text);
            }
        }
    }

    private void End()
    {
        if (_failed)
            return;
        if (!_stopped)
            Violations.Add("no message_stop");
        var hasCall = Blocks.Exists(block => block.Type == "tool_use");
        if (StopReason == "tool_use" && !hasCall)
            Violations.Add("stop_reason tool_use without a call");
        if (hasCall && StopReason is "end_turn" or "stop_sequence" && hasCall)
            Violations.Add($"a call, but stop_reason {StopReason}");
    }

    /// <summary>A block as a client sees it.</summary>
    internal sealed class Block(string type, JsonElement start)
    {
        public string Type { get; } = type;

        public JsonElement Start { get; } = start;

        public StringBuilder Text { get; } = new();

        public string? Signature { get; set; }

        public bool HasInput { get; set; }

        public List<string> Citations { get; } = [];
    }
}
