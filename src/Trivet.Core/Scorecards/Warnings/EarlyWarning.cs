using System.Globalization;
using Trivet.Core.Journal;

namespace Trivet.Core.Scorecards.Warnings;

/// <summary>
/// Notices that a vendor tightens its risk controls before it cuts an account off: 429s, refused keys and challenge pages that become more frequent, refusals in answers, limits that shrink; and
/// all of it at once at several credentials of a vendor. Looks at what the scorecards have counted, off the requests' path, four times a minute. What it finds it raises as an alarm with its
/// evidence, and warns of the offerings so that routing moves traffic while there is time. Not thread-safe.
/// </summary>
public sealed class EarlyWarning(HealthBoard health, IAlarmSink alarms)
{
    /// <summary>The kind of its alarms.</summary>
    public const string AlarmKind = "risk-control";

    private const double TightShare = 0.2;
    private const double RefusalShare = 0.5;

    /// <summary>So long without a tight minute and a warning is over.</summary>
    private const long OverAfterMs = 30 * 60_000;

    /// <summary>A credential whose last minute is older than that says nothing of now.</summary>
    private const long RecentMs = 5 * 60_000;

    private readonly Dictionary<(ScoreSubject Subject, string Sign), PressureSeries> _series = [];
    private readonly Dictionary<string, VendorPressure> _vendors = new(StringComparer.Ordinal);
    private readonly Dictionary<ScoreSubject, long> _warned = [];

    /// <summary>Looks once.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    public void Look(long nowMs)
    {
        var closed = new List<(ScoreSubject Subject, Scorecard Card, string Sign, PressureSeries Series)>();
        var all = health.Cards().ToList();
        foreach (var (subject, card) in all)
        {
            var pressure = card.Pressure;
            if (subject.Kind == ScoreSubjectKind.Credential)
            {
                Close(subject, card, "limited (429)", new PressureCount(pressure.Attempts, pressure.Limited), TightShare, 0.02, 0.25);
                Close(subject, card, "refused (401-403, challenge pages)", new PressureCount(pressure.Attempts, pressure.Refused), TightShare, 0.01, 0.1);
                if (card.TakeShrunkLimit() is { } shrunk)
                    Shrunk(subject, card, shrunk, nowMs);
            }
            else
            {
                Close(subject, card, "answers that refuse", new PressureCount(pressure.Checked, pressure.RefusedAnswers), RefusalShare, 0.02, 0.25);
            }
        }

        foreach (var one in closed.Where(static one => one.Series.Minutes.IsAlarmed))
            Raise(one.Subject, one.Card, one.Sign, one.Series, nowMs);
        LookAtVendors(closed.Where(static one => one.Subject.Kind == ScoreSubjectKind.Credential).ToList(), nowMs);
        LetGo(all, nowMs);

        void Close(ScoreSubject subject, Scorecard card, string sign, PressureCount count, double tightShare, double prior, double afterTight)
        {
            if (!_series.TryGetValue((subject, sign), out var series))
            {
                if (count.Attempts == 0)
                    return;
                _series[(subject, sign)] = series = new PressureSeries(tightShare, prior, afterTight);
            }

            if (series.Look(count, nowMs))
                closed.Add((subject, card, sign, series));
        }
    }

    /// <summary>Of these nothing is known any more.</summary>
    public void Forget(IReadOnlySet<ScoreSubject> subjects)
    {
        foreach (var key in _series.Keys.Where(key => subjects.Contains(key.Subject)).ToList())
            _series.Remove(key);
    }

    private void Raise(ScoreSubject subject, Scorecard card, string sign, PressureSeries series, long nowMs)
    {
        var minutes = series.Minutes;
        var text = $"{subject.Id}: {sign} in {minutes.TightSince} of the last minutes with traffic, which happens in {Percent(minutes.Baseline)} of them as a rule.";
        alarms.Raise(new Alarm(AlarmKind, subject.Id, text, nowMs, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sign"] = sign,
            ["upstream"] = subject.Upstream,
            ["attempts_last_minute"] = Number(series.Last.Attempts),
            ["with_sign_last_minute"] = Number(series.Last.Hits),
            ["baseline_share_of_minutes"] = Number(minutes.Baseline),
            ["evidence"] = Number(minutes.Evidence),
            ["threshold"] = Number(TightMinutes.Threshold),
        }));
        minutes.Restart();
        Warn(subject, card, text, nowMs);
    }

    private void Shrunk(ScoreSubject subject, Scorecard card, ShrunkLimit limit, long nowMs)
    {
        var text = $"{subject.Id}: the vendor says that its limit of {limit.Meter} for {limit.Model} is {Number(limit.Now)} now; it was {Number(limit.Before)}.";
        alarms.Raise(new Alarm(AlarmKind, subject.Id, text, nowMs, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sign"] = "limits shrink",
            ["upstream"] = subject.Upstream,
            ["model"] = limit.Model,
            ["meter"] = limit.Meter,
            ["before"] = Number(limit.Before),
            ["now"] = Number(limit.Now),
        }));
        Warn(subject, card, text, nowMs);
    }

    // A minute of a vendor is tight where at least two of its credentials, and half of those with traffic, are: whatever the sign at each.
    private void LookAtVendors(List<(ScoreSubject Subject, Scorecard Card, string Sign, PressureSeries Series)> closed, long nowMs)
    {
        foreach (var vendor in closed.Select(static one => one.Card.Vendor).Where(static vendor => vendor.Length > 0).Distinct(StringComparer.Ordinal))
        {
            if (!_vendors.TryGetValue(vendor, out var pressure))
                _vendors[vendor] = pressure = new VendorPressure();
            if (!pressure.IsDue(nowMs))
                continue;
            var active = _series.Where(one => one.Key.Subject.Kind == ScoreSubjectKind.Credential && nowMs - one.Value.ClosedMs <= RecentMs && health.Card(one.Key.Subject).Vendor == vendor)
                .GroupBy(static one => one.Key.Subject).Select(static of => (Subject: of.Key, IsTight: of.Any(static one => one.Value.IsTight))).ToList();
            if (active.Count < 2)
                continue;
            var tight = active.Where(static one => one.IsTight).Select(static one => one.Subject).ToList();
            pressure.Close(tight.Count >= 2 && tight.Count * 2 >= active.Count, nowMs);
            if (!pressure.Minutes.IsAlarmed)
                continue;
            var text = $"{vendor}: {tight.Count} of {active.Count} credentials are held back at once.";
            alarms.Raise(new Alarm(AlarmKind, vendor, text, nowMs, new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["sign"] = "several credentials at once",
                ["credentials"] = string.Join(", ", tight.Select(static subject => subject.Id).Order(StringComparer.Ordinal)),
                ["credentials_with_traffic"] = Number(active.Count),
                ["evidence"] = Number(pressure.Minutes.Evidence),
                ["threshold"] = Number(TightMinutes.Threshold),
            }));
            pressure.Minutes.Restart();
            foreach (var subject in active.Select(static one => one.Subject))
                Warn(subject, health.Card(subject), text, nowMs);
        }
    }

    private void Warn(ScoreSubject subject, Scorecard card, string text, long nowMs)
    {
        card.Warn(text);
        _warned[subject] = nowMs;
        if (subject.Kind != ScoreSubjectKind.Credential)
            return;

        // The offering is in danger where no other of its upstream's credentials is left.
        var isLast = health.Cards().Where(one => one.Subject.Kind == ScoreSubjectKind.Credential && one.Subject.Upstream == subject.Upstream).All(static one => one.Card.IsWarned);
        if (!isLast)
            return;
        foreach (var offering in health.Cards().Where(one => one.Subject.Kind == ScoreSubjectKind.Offering && one.Subject.Upstream == subject.Upstream))
        {
            offering.Card.Warn(text);
            _warned[offering.Subject] = nowMs;
        }
    }

    // Over when nothing was tight for a while: of an offering that has no sign of its own, at none of its upstream's credentials.
    private void LetGo(List<(ScoreSubject Subject, Scorecard Card)> all, long nowMs)
    {
        foreach (var (subject, card) in all)
        {
            if (!_warned.TryGetValue(subject, out var since))
                continue;
            var last = _series.Where(one => one.Key.Subject == subject || (subject.Kind == ScoreSubjectKind.Offering && one.Key.Subject.Upstream == subject.Upstream))
                .Select(static one => one.Value.TightMs).DefaultIfEmpty(0).Max();
            if (nowMs - Math.Max(since, last) < OverAfterMs)
                continue;
            card.Warn(null);
            _warned.Remove(subject);
        }
    }

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private sealed class VendorPressure
    {
        private const long MinuteMs = 60_000;

        private long _closedMs;

        public TightMinutes Minutes { get; } = new(0.005, 0.2);

        public bool IsDue(long nowMs) => nowMs - _closedMs >= MinuteMs;

        public void Close(bool isTight, long nowMs)
        {
            Minutes.Close(isTight);
            _closedMs = nowMs;
        }
    }
}
