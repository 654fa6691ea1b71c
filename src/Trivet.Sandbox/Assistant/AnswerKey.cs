using System.Text.Json;

namespace Trivet.Sandbox.Assistant;

/// <summary>The right answers to questions, as whoever tests handed them over: the sandbox cannot work anything out. A voice gives them as often as its skill says, and a wrong one else.</summary>
internal sealed class AnswerKey
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Right, string Wrong)> _answers = new(StringComparer.Ordinal);

    /// <summary>Reads <c>[{"question":…,"answer":…,"wrong":…}]</c>. An answer may hold directives.</summary>
    public void Add(JsonElement answers)
    {
        foreach (var one in answers.EnumerateArray())
        {
            var (question, answer) = (one.Str("question"), one.Str("answer"));
            if (question is null || answer is null)
            {
                throw new FormatException("An entry of the answer key needs a question and an answer.");
            }

            lock (_gate)
            {
                _answers[question.Trim()] = (answer, one.Str("wrong") ?? "I do not know.");
            }
        }
    }

    public string? For(string question, bool isRight)
    {
        lock (_gate)
        {
            return _answers.TryGetValue(question.Trim(), out var answer) ? isRight ? answer.Right : answer.Wrong : null;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _answers.Clear();
        }
    }
}
