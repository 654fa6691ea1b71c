using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>Stored responses, the newest thousand: the conversation up to and including each answer, and each item of it by its id. Instructions are not inherited.</summary>
internal sealed class ResponseStore
{
    private const int ResponsesMax = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Account, List<Turn> Turns, string[] Items)> _responses = [];
    private readonly Dictionary<string, (string Account, Part Part)> _items = [];
    private readonly Queue<string> _order = new();

    public void Add(Reply reply)
    {
        if (reply.Ask.Body.Bool("store") == false)
        {
            return;
        }

        var turns = reply.Ask.Turns.ConvertAll(t => new Turn(t.Speaker, [.. t.Parts]));
        var said = new Turn(Speaker.Assistant, [.. reply.Answer.Blocks.Select(AsPart)]);
        if (said.Parts.Count > 0)
        {
            turns.Add(said);
        }

        string[] items = [.. reply.Answer.Blocks.Select((_, i) => ResponsesAnswerWriter.ItemId(reply, i))];
        lock (_gate)
        {
            var id = "resp_" + reply.IdSuffix;
            _responses[id] = (reply.Ask.Account, turns, items);
            for (var i = 0; i < items.Length; i++)
            {
                _items[items[i]] = (reply.Ask.Account, said.Parts[i]);
            }

            _order.Enqueue(id);
            if (_order.Count > ResponsesMax && _responses.Remove(_order.Dequeue(), out var oldest))
            {
                Array.ForEach(oldest.Items, item => _items.Remove(item));
            }
        }
    }

    public List<Turn>? Find(string id, string account)
    {
        lock (_gate)
        {
            return _responses.TryGetValue(id, out var found) && found.Account == account ? found.Turns : null;
        }
    }

    public Part? FindItem(string id, string account)
    {
        lock (_gate)
        {
            return _items.TryGetValue(id, out var found) && found.Account == account ? found.Part : null;
        }
    }

    private static Part AsPart(Block block) => block.Kind switch
    {
        BlockKind.ToolCall => new Part { Kind = PartKind.ToolCall, Id = block.Id, Name = block.Name, Text = block.Text },
        BlockKind.Reasoning or BlockKind.Redacted => new Part { Kind = PartKind.Reasoning, Text = block.Text },
        _ => new Part { Kind = PartKind.Text, Text = block.Text },
    };
}
