namespace Trivet.WebConsole.Pages.Playground;

/// <summary>One prompt that was put to several models.</summary>
/// <param name="Id">In its address.</param>
/// <param name="Prompt">What was asked.</param>
/// <param name="System">What stood before it.</param>
/// <param name="By">Who asked.</param>
/// <param name="StartedMs">When, Unix milliseconds.</param>
/// <param name="Answers">One for each model, in the order chosen.</param>
public sealed record PlaygroundRun(string Id, string Prompt, string System, string By, long StartedMs, IReadOnlyList<PlaygroundAnswer> Answers);

/// <summary>What an answer has come to so far; replaced whole, so that whoever reads sees one moment.</summary>
/// <param name="Text">So far.</param>
/// <param name="Thoughts">So far, where the model shows them.</param>
/// <param name="IsDone">Nothing more comes.</param>
/// <param name="Problem">Why there is no answer; null where there is.</param>
/// <param name="RequestId">By which the request is found.</param>
/// <param name="ServedBy">Which offering answered.</param>
/// <param name="FirstContentMs">From asking to the first content.</param>
/// <param name="DurationMs">From asking to the end.</param>
/// <param name="InputTokens">As the upstream counted.</param>
/// <param name="OutputTokens">As the upstream counted.</param>
/// <param name="CostNano">What it cost; null while that is not booked, or not known.</param>
/// <param name="Currency">Of the cost.</param>
public sealed record AnswerMoment(
    string Text = "", string Thoughts = "", bool IsDone = false, string? Problem = null, string? RequestId = null, string? ServedBy = null, long? FirstContentMs = null, long? DurationMs = null,
    long? InputTokens = null, long? OutputTokens = null, long? CostNano = null, string Currency = "")
{
    /// <summary>Tokens per second while it was written; null where that cannot be told.</summary>
    public double? TokensPerSecond => OutputTokens is > 1 and var tokens && DurationMs - FirstContentMs is > 0 and var ms ? tokens * 1000.0 / ms : null;
}

/// <summary>A model's answer while it comes in.</summary>
/// <param name="model">What was asked for: a route, a model, or <c>upstream/model</c>.</param>
public sealed class PlaygroundAnswer(string model)
{
    private AnswerMoment _now = new();

    public string Model => model;

    /// <summary>As it stands.</summary>
    public AnswerMoment Now
    {
        get => Volatile.Read(ref _now);
        internal set => Volatile.Write(ref _now, value);
    }
}
