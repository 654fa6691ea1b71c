namespace Trivet.Core.Scorecards;

/// <content>What is kept of it over restarts, and shared with other nodes.</content>
public sealed partial class Scorecard
{
    /// <summary>Grows with everything that is noted.</summary>
    internal long Revision => Volatile.Read(ref _revision);

    /// <summary>When something was noted last, Unix milliseconds.</summary>
    internal long LastNotedMs
    {
        get
        {
            lock (_gate)
                return LastOf(_own);
        }
    }

    /// <summary>When something was noted last, here or at another node, Unix milliseconds.</summary>
    internal long LastHeardMs
    {
        get
        {
            lock (_gate)
                return _peers is { } peers ? Math.Max(LastOf(_own), LastOf(peers)) : LastOf(_own);
        }
    }

    private static long LastOf(ScoreSums sums) => Math.Max(sums.LastMs(ScoreLeg.Stability), Math.Max(sums.LastMs(ScoreLeg.Quality), sums.LastMs(ScoreLeg.Cost)));

    /// <summary>This node's sums, and what else is kept with them.</summary>
    internal KeptCard Export(long nowMs)
    {
        lock (_gate)
        {
            Fade(nowMs);
            return new KeptCard(_own.Copy(), FirstContent.Export()) { Currency = _currency, Warning = _warning, Standing = Standing };
        }
    }

    /// <summary>What this node had kept before it was started anew comes on top.</summary>
    internal void Restore(KeptCard kept, long nowMs)
    {
        lock (_gate)
        {
            if (_currency.Length == 0)
                _currency = kept.Currency;
            else if (kept.Currency != _currency)
                ScoreRecording.ClearMoney(kept.Sums);
            _own.Add(kept.Sums, nowMs);
        }

        FirstContent.Restore(kept.FirstContent);
    }

    /// <summary>Takes kept numbers for all that is known: what was noted here goes.</summary>
    internal void Become(KeptCard kept)
    {
        lock (_gate)
        {
            _own.Clear();
            _currency = "";
        }

        FirstContent.Clear();
        TakePeers(kept);
        Standing = kept.Standing;
    }

    /// <summary>What the other nodes know, in place of what they knew before.</summary>
    internal void TakePeers(KeptCard? peers)
    {
        lock (_gate)
        {
            if (peers is { Currency.Length: > 0 } && _currency.Length == 0)
                _currency = peers.Currency;
            else if (peers is not null && peers.Currency != _currency)
                ScoreRecording.ClearMoney(peers.Sums);
            _peers = peers?.Sums;
        }

        Volatile.Write(ref _peerWarning, peers?.Warning);

        FirstContent.TakePeers(peers?.FirstContent ?? new int[]?[FirstContentTimes.PlaceCount]);
    }
}
