using Trivet.Core.Scorecards.Checks;

namespace Trivet.Core.Scorecards;

/// <content>How it comes to know what it knows.</content>
public sealed partial class Scorecard
{
    private AnsweredName? _answeredAs;
    private int _firstChecks;

    /// <summary>An attempt or a probe ended; <paramref name="isAnswered"/> false where the upstream failed, not where the request was bad or the client left.</summary>
    public void RecordOutcome(bool isAnswered, long nowMs)
    {
        lock (_gate)
        {
            Fade(nowMs);
            _revision++;
            _own.Note(ScoreSlots.Answered, isAnswered, nowMs);
        }
    }

    /// <summary>A passive check looked at an answer.</summary>
    public void RecordCheck(bool isSound, long nowMs)
    {
        QualityLately.Record(isSound);
        lock (_gate)
        {
            Fade(nowMs);
            _revision++;
            _own.Note(ScoreSlots.PassedFree, isHit: true, nowMs);
            _own.Note(ScoreSlots.PassedWhole, isSound, nowMs);
        }
    }

    /// <summary>Passive checks looked at an answer.</summary>
    public void RecordChecks(in CheckFindings findings, long nowMs)
    {
        QualityLately.Record(findings.PassesFree && (!findings.IsWhole || findings.PassesWhole));
        lock (_gate)
        {
            Fade(nowMs);
            _revision++;
            Press(findings);
            _own.Note(ScoreSlots.PassedFree, findings.PassesFree, nowMs);
            if (findings is { IsWhole: true, PassesFree: true })
                _own.Note(ScoreSlots.PassedWhole, findings.PassesWhole, nowMs);
            for (var kind = 0; findings.Bits >> kind != 0; kind++)
            {
                if (findings.Has((CheckKind)kind))
                    _own[ScoreSlots.Faults][kind]++;
            }
        }
    }

    /// <summary>Takes an answer that was looked at whole, where the operator allows that its manner is kept.</summary>
    internal void RecordManner(string text) => LazyInitializer.EnsureInitialized(ref _manner, static () => new Manner.AnswerManner()).Note(text);

    /// <summary>Whether this is one of the first answers, up to so many, of this process.</summary>
    internal bool TakesFirstCheck(int most) => Volatile.Read(ref _firstChecks) < most && Interlocked.Increment(ref _firstChecks) <= most;

    /// <summary>Whether an answer names another model than was asked. Names are judged once: offerings answer by the same one for weeks.</summary>
    internal bool AnswersAsOther(Snapshots.Offering offering, string answered, Catalogue.ModelCatalogue catalogue)
    {
        if (answered.Length == 0 || answered == offering.Model)
            return false;
        if (Volatile.Read(ref _answeredAs) is not { } known || known.Name != answered)
            Volatile.Write(ref _answeredAs, known = new AnsweredName(answered, ModelNames.IsOther(offering, answered, catalogue)));
        return known.IsOther;
    }

    /// <summary>An attempt of a request ended. What it says about availability comes with <see cref="RecordOutcome"/>, which probes know too.</summary>
    public void Record(in AttemptSample sample)
    {
        if (sample is { Outcome: AttemptOutcomeKind.Neutral, CostNano: null or 0 })
            return; // it says nothing, and a client that invents names would leave a card for each in the database
        var isLate = sample.FirstContentMs is { } firstMs && FirstContent.IsLate(sample.IsStream, sample.PromptTokens, firstMs);
        lock (_gate)
        {
            Fade(sample.AtMs);
            _revision++;
            Press(sample);
            if (sample.Outcome != AttemptOutcomeKind.Neutral)
                ScoreRecording.Stability(_own, sample, isLate);
            if (sample.CostNano is null)
                return;
            if (sample.Currency is { Length: > 0 } currency && currency != _currency)
                ScoreRecording.StartMoney(_own, ref _currency, currency);
            ScoreRecording.Money(_own, sample);
        }
    }

    /// <summary>Signs are that it is about to be cut off, or (null) they are over.</summary>
    public void Warn(string? why)
    {
        Volatile.Write(ref _warning, why);
        lock (_gate)
            _revision++;
    }

    private sealed record AnsweredName(string Name, bool IsOther);
}
