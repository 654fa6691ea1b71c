using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trivet.Core.Relay;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

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
    private const int SentMax = 4;

    private AnswerMoment _now = new();
    private ImmutableArray<SentUpstream> _sent = [];

    public string Model => model;

    /// <summary>What went to upstreams for it, one for each attempt, the last few.</summary>
    public IReadOnlyList<SentUpstream> Sent => _sent;

    /// <summary>As it stands.</summary>
    public AnswerMoment Now
    {
        get => Volatile.Read(ref _now);
        internal set => Volatile.Write(ref _now, value);
    }

    internal void Note(UpstreamWords words) => ImmutableInterlocked.Update(ref _sent, sent => [.. sent.TakeLast(SentMax - 1), SentUpstream.Of(words)]);
}

/// <summary>What went to an upstream, to be read by people.</summary>
/// <param name="Offering"><c>upstream/model</c>.</param>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Address">Where to.</param>
/// <param name="IsTranslated">False: the client's own bytes, with a few edits.</param>
/// <param name="Body">Indented, and cut where it is long.</param>
public sealed record SentUpstream(string Offering, string Protocol, string Address, bool IsTranslated, string Body)
{
    private const int CharsMax = 20_000;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // the page encodes it

    internal static SentUpstream Of(UpstreamWords words)
    {
        string body;
        try
        {
            using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(words.Body.ToArray()));
            body = JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            body = Encoding.UTF8.GetString(words.Body.Span);
        }

        return new SentUpstream(words.Offering, words.Protocol.Name(), words.Address, words.IsTranslated, body.Length <= CharsMax ? body : body[..CharsMax] + " …");
    }
}
