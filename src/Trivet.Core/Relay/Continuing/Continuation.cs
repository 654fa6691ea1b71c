using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Replay;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Continuing;

/// <summary>How a continuing attempt is asked.</summary>
internal enum ContinuationWay : byte
{
    /// <summary>The request again as it was; the beginning that equals what the client has is dropped.</summary>
    Anew,

    /// <summary>With what the client has as the assistant's last turn, which the model goes on with.</summary>
    Prefill,

    /// <summary>With what the client has as the assistant's turn and a turn of the user's that tells it to go on.</summary>
    Turn,
}

/// <summary>
/// An answer that broke off after some of it had reached the client, while other attempts go on with it (docs/adr/0008). One per request; holds what the client
/// has, and makes a writer that stands where the client's stream stands.
/// </summary>
internal sealed class Continuation(Attempt first, ReleasedAnswer answer, Failure failure)
{
    private const string GoOn = "Your answer broke off there. Go on exactly where it stopped: first repeat its last few words, then continue to its end. Do not start again and say nothing about this.";

    private const double BytesPerToken = 3.6;

    /// <summary>Whose answer broke off first.</summary>
    public Attempt First { get; } = first;

    /// <summary>What the client has.</summary>
    public ReleasedAnswer Answer { get; } = answer;

    /// <summary>Why it broke off: what the client is told if nobody can go on.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>How the attempt that runs now was asked.</summary>
    public ContinuationWay Way { get; set; }

    /// <summary>Output tokens behind what the client has, as far as they are not in the next attempt's own usage.</summary>
    public long OutputTokens { get; set; }

    /// <summary>The id of the next block at the client.</summary>
    public int NextBlock { get; set; }

    /// <summary>Whether a request's answer may be continued at all, as far as is known before it begins.</summary>
    public static bool IsPossible(RelayCall call) =>
        call.Scan.Stream && call.Previous is null && (call.Route!.Continuation ?? call.Snapshot.Config.Continuation) && (call.Scan.Features & (RequestFeatures.SeveralChoices | RequestFeatures.LogProbs | RequestFeatures.ServerTools)) == 0;

    /// <summary>Whether another attempt may do better after this failure. One that was to go on with an answer leaves it as it was, whatever became of it.</summary>
    public static bool Helps(RelayCall call, Failure failure) => call.Continuation is not null || Helps(failure);

    /// <summary>Whether the answer that this failure ended may be gone on with.</summary>
    public static bool Helps(Failure failure) => failure.Kind is FailureKind.UpstreamReset or FailureKind.UpstreamRateLimited or FailureKind.UpstreamOverloaded or FailureKind.UpstreamServerError
        or FailureKind.UpstreamIdleTimeout or FailureKind.UpstreamTruncated or FailureKind.UpstreamMalformed or FailureKind.UpstreamStreamError or FailureKind.UpstreamBillingExhausted;

    /// <summary>The client has been told that the answer ends here.</summary>
    public bool IsTold { get; set; }

    /// <summary>An attempt that was to go on with an answer says something else.</summary>
    public static Failure Diverged() => new(FailureKind.GatewayAbandoned) { Internal = "it does not go on from what the client has" };

    /// <summary>The answer of an attempt ends here, after some of it reached the client: true where others may go on with it.</summary>
    public static bool TryKeep(RelayCall call, Attempt attempt, IAnswerFlow flow, Failure failure)
    {
        if (Helps(call, failure) && flow.Released is { IsSound: true } released)
        {
            call.Continuation ??= new Continuation(attempt, released, failure);
            return true;
        }

        return false;
    }

    /// <summary>Puts the answer's writer, standing where the client's stream stands, behind the answer. What is held for the client must have been sent.</summary>
    public void Reopen(RelayCall call, Attempt attempt)
    {
        var options = ResponseContext.For(call, First) with { KeepsIds = First.IsPassThrough };
        var writer = call.Format.CreateStreamWriter(call.Held, options, attempt.Losses);
        var wrapped = ReplayAnswers.Wrap(call, First, writer);
        Answer.Thaw();
        Answer.Play(wrapped);
        call.Held.Clear();
        call.Format.Resume(writer, call.EventsSent, call.Frame);
        (Answer.Next, NextBlock) = (wrapped, Answer.NextBlock);
    }

    /// <summary>Whether the offering goes on with a last turn of the assistant's.</summary>
    public bool TakesPrefill(RelayCall call, ProtocolQuirks quirks)
    {
        if (quirks.Continues == PrefillForm.None || call.Scan.Features.HasFlag(RequestFeatures.Reasoning) || quirks.Thinking.OnByDefault)
            return false;
        return quirks.Continues == PrefillForm.LastTurn || call.Format.Protocol == Protocol.OpenAIChat;
    }

    /// <summary>Adds to a request what makes the model go on; returns how many turns.</summary>
    public int Extend(CanonicalRequest request, ProtocolQuirks quirks)
    {
        if (Way == ContinuationWay.Anew)
            return 0;
        var text = new JsonText(Encoding.UTF8.GetString(Answer.Text()));
        var said = new Turn(Role.Assistant) { IsPlainString = true };
        said.Blocks.Add(new TextBlock(text));
        if (Way == ContinuationWay.Prefill && quirks.Continues is PrefillForm.PrefixField or PrefillForm.PartialField)
            said.Extra.Add(new ExtraField(quirks.Continues == PrefillForm.PrefixField ? "prefix" : "partial", new RawJson("true"u8.ToArray())));
        request.Turns.Add(said);
        if (Way == ContinuationWay.Prefill)
            return 1;
        var goOn = new Turn(Role.User) { IsPlainString = true };
        goOn.Blocks.Add(new TextBlock(new JsonText(GoOn)));
        request.Turns.Add(goOn);
        return 2;
    }

    /// <summary>Takes over what the last attempt has put out.</summary>
    public void Count(AttemptRecord last)
    {
        if (last.TimeToFirstContentMs is null)
            return;
        var tokens = last.OutputTextTokens + last.OutputReasoningTokens;
        OutputTokens = last.Id == First.Id || Way == ContinuationWay.Anew ? Math.Max(OutputTokens, tokens) : OutputTokens + tokens;
    }

    /// <summary>The bound of output tokens that is left of the client's own.</summary>
    public long? LeftOf(long? maxOutputTokens) => Way == ContinuationWay.Anew || maxOutputTokens is not { } max ? maxOutputTokens : Math.Max(1, max - OutputTokens);

    /// <summary>The usage of the whole answer, as the client shall see it: the input once, the output of all that it got.</summary>
    public Usage WholeUsage(in Usage usage)
    {
        if (Way == ContinuationWay.Anew)
            return usage;
        var repeated = (long)(Answer.Text().Length / BytesPerToken) + (Way == ContinuationWay.Turn ? GoOn.Length / 4 : 0);
        return usage with { InputUncached = Math.Max(0, usage.InputUncached - repeated), OutputText = usage.OutputText + OutputTokens };
    }
}
