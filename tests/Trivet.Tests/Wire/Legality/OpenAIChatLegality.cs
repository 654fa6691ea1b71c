using System.Text;
using System.Text.Json;

namespace Trivet.Tests.Wire.Legality;

/// <summary>
/// Checks a Chat stream against the grammar (WIRE_FACTS §3.3), independently of the writer: one id, the role once and first, tool calls under dense
/// indices with id and name only first, arguments that parse, one finish reason that fits, usage only where asked for, [DONE] last.
/// </summary>
internal static class OpenAIChatLegality
{
    public static void Check(ReadOnlySpan<byte> stream, bool usageAsked)
    {
        var text = Encoding.UTF8.GetString(stream);
        Assert.EndsWith("\n\n", text);
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => !e.StartsWith(':')).ToList();
        Assert.All(events, e => Assert.StartsWith("data: ", e));
        Assert.All(events, e => Assert.DoesNotContain('\n', e));
        var data = events.Select(e => e[6..]).ToList();
        Assert.NotEmpty(data);
        var state = new State(usageAsked);
        for (var i = 0; i < data.Count; i++)
        {
            Assert.False(state.IsEnded, "something follows the end");
            state.Take(data[i]);
        }

        Assert.True(state.IsEnded, "the stream has no end");
    }

    private sealed class State(bool usageAsked)
    {
        private readonly List<StringBuilder> _calls = [];
        private string? _id;
        private bool _hasRole;
        private bool _hasFunction;
        private bool _isFinished;
        private bool _hasUsage;

        public bool IsEnded { get; private set; }

        public void Take(string data)
        {
            if (data == "[DONE]")
            {
                Assert.True(_isFinished, "[DONE] without a finish reason");
                IsEnded = true;
                return;
            }

            using var document = JsonDocument.Parse(data);
            var root = document.RootElement;
            if (root.TryGetProperty("error", out var error))
            {
                Assert.Equal(JsonValueKind.String, error.GetProperty("message").ValueKind);
                IsEnded = true;
                return;
            }

            Assert.Equal("chat.completion.chunk", root.GetProperty("object").GetString());
            Assert.True(root.GetProperty("created").GetInt64() >= 0);
            Assert.False(string.IsNullOrEmpty(root.GetProperty("model").GetString()));
            _id ??= root.GetProperty("id").GetString();
            Assert.Equal(_id, root.GetProperty("id").GetString());
            Assert.False(_hasUsage, "a chunk follows the usage");
            var choices = root.GetProperty("choices");
            if (choices.GetArrayLength() == 0)
            {
                Assert.True(usageAsked, "usage that nobody asked for");
                Assert.True(root.GetProperty("usage").GetProperty("prompt_tokens").GetInt64() >= 0);
                _hasUsage = true;
                return;
            }

            Assert.Equal(usageAsked, root.TryGetProperty("usage", out _));
            Choice(choices[0]);
        }

        private void Choice(JsonElement choice)
        {
            Assert.False(_isFinished, "a delta follows the finish reason");
            Assert.Equal(0, choice.GetProperty("index").GetInt32());
            var delta = choice.GetProperty("delta");
            Assert.Equal(!_hasRole, delta.TryGetProperty("role", out _));
            _hasRole = true;
            if (delta.TryGetProperty("tool_calls", out var calls))
            {
                foreach (var call in calls.EnumerateArray())
                    Call(call);
            }

            if (delta.TryGetProperty("function_call", out var function))
            {
                Assert.Equal(!_hasFunction, function.TryGetProperty("name", out _));
                _hasFunction = true;
            }

            var finish = choice.GetProperty("finish_reason");
            if (finish.ValueKind == JsonValueKind.Null)
                return;
            _isFinished = true;
            Assert.Contains(finish.GetString(), (string[])["stop", "length", "tool_calls", "function_call", "content_filter"]);
            if (finish.GetString() is "stop" or "tool_calls" or "function_call")
                Assert.Equal((_calls.Count > 0, _hasFunction), (finish.GetString() == "tool_calls", finish.GetString() == "function_call"));
        }

        private void Call(JsonElement call)
        {
            var index = call.GetProperty("index").GetInt32();
            if (index == _calls.Count)
            {
                _calls.Add(new StringBuilder());
                Assert.False(string.IsNullOrEmpty(call.GetProperty("id").GetString()));
                Assert.True(call.GetProperty(call.GetProperty("type").GetString()!).TryGetProperty("name", out _));
            }
            else
            {
                Assert.InRange(index, 0, _calls.Count - 1);
                Assert.False(call.TryGetProperty("id", out _), "an id twice");
                Assert.False(call.TryGetProperty("function", out var f) && f.TryGetProperty("name", out _), "a name twice");
            }

            if (call.TryGetProperty("function", out var function) && function.TryGetProperty("arguments", out var arguments))
                _calls[index].Append(arguments.GetString());
        }
    }
}
