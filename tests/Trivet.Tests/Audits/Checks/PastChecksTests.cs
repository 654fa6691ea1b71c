using Trivet.Core.Audits;
using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Enrolment;

namespace Trivet.Tests.Audits.Checks;

public sealed class PastChecksTests
{
    private readonly Audited _audited = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_not_known_is_enrolled_and_convicted_of_nothing()
    {
        var report = await _audited.AuditAsync(null, 1, Cancel);

        Assert.Equal([AuditVerdict.NotRun, AuditVerdict.NotRun], Of(report).Select(finding => finding.Verdict));
        Assert.Contains("words were enrolled", Of(report)[0].Sentence, StringComparison.Ordinal);
        Assert.InRange(report.Past!.Words.Count, 20, EnrolledPast.WordsMax);
        Assert.Null(report.PastSinceMs);
        Assert.Equal(_audited.NowMs, report.Past.SinceMs);
    }

    [Fact]
    public async Task Who_answers_as_before_is_clean_and_border_prompts_are_gathered_on_the_way()
    {
        EnrolledPast? past = null;
        AuditReport report = null!;
        for (var seed = 1; seed <= 6; seed++)
        {
            _audited.Time.Advance(TimeSpan.FromDays(1));
            report = await _audited.AuditAsync(past, seed, Cancel);
            past = report.Past;
        }

        Assert.Equal([AuditVerdict.Clean, AuditVerdict.Clean], Of(report).Select(finding => finding.Verdict));
        Assert.False(report.HasProblem || report.HasChange);
        Assert.Equal(_audited.NowMs - 5 * 86_400_000L, report.PastSinceMs);
        Assert.InRange(past!.Borders.Count, EnrolledPast.BordersMin, EnrolledPast.BordersMax);
        Assert.All(past.Borders, border => Assert.Equal(EnrolledPast.BorderAnswers, border.Words.Count));
    }

    [Fact]
    public async Task Another_model_is_a_change_and_no_problem_and_does_not_get_into_the_past()
    {
        var past = (await _audited.AuditAsync(null, 1, Cancel)).Past!;
        _audited.Model = "other";
        var report = await _audited.AuditAsync(past, 2, Cancel);

        var found = Of(report)[0];
        Assert.Equal((CheckShares.Past, AuditVerdict.Changed), (found.Test, found.Verdict));
        Assert.InRange(found.Answers, 1, 12); // it stops as soon as the evidence is in
        Assert.Contains("2026-08-01", found.Sentence, StringComparison.Ordinal);
        Assert.Equal((true, false), (report.HasChange, report.HasProblem));
        Assert.Equal(past.Words, report.Past!.Words);
    }

    [Fact]
    public async Task Border_prompts_speak_for_a_change_that_words_do_not_show()
    {
        EnrolledPast? past = null;
        for (var seed = 1; seed <= 6; seed++)
            past = (await _audited.AuditAsync(past, seed, Cancel)).Past;
        _audited.MovesBorders = true;
        var report = await _audited.AuditAsync(past, 9, Cancel);

        Assert.Equal(AuditVerdict.Clean, Of(report)[0].Verdict);
        Assert.Equal(CheckShares.Border, Of(report)[1].Test);
        Assert.True(Of(report)[1].Evidence > 1.5, Of(report)[1].ToString()); // a few rounds of it are enough
    }

    [Fact]
    public async Task One_that_thinks_first_is_known_by_its_random_strings()
    {
        _audited.Thinks = true;
        var past = (await _audited.AuditAsync(null, 1, Cancel)).Past!;
        Assert.Equal((true, 12), (past.Thinks, past.Strings.Count));

        var same = await _audited.AuditAsync(past, 2, Cancel);
        Assert.Equal(AuditVerdict.Clean, Assert.Single(Of(same), finding => finding.Test == CheckShares.Past).Verdict);
        Assert.Equal((21, 3), (same.Past!.Strings.Count, same.Past.Reserve.Count)); // nine were tested, three set aside

        _audited.Model = "other";
        var other = await _audited.AuditAsync(same.Past, 3, Cancel);
        Assert.Equal(AuditVerdict.Changed, Assert.Single(Of(other), finding => finding.Test == CheckShares.Past).Verdict);
    }

    [Fact]
    public async Task When_there_are_enough_strings_those_that_no_test_has_seen_are_the_past()
    {
        _audited.Thinks = true;
        var past = (await _audited.AuditAsync(null, 1, Cancel)).Past!;
        var (aside, seed) = (past.Reserve, 2);
        do
        {
            aside = past.Reserve;
            past = (await _audited.AuditAsync(past, seed++, Cancel)).Past!;
        }
        while (past.Reserve.Count > 0);

        Assert.InRange(past.Strings.Count, 30, 40);
        Assert.Equal(aside, past.Strings.Take(aside.Count));
        Assert.Empty(past.Reserve);
        _audited.Model = "other";
        Assert.True((await _audited.AuditAsync(past, seed, Cancel)).HasChange);
    }

    [Fact]
    public async Task Answers_to_other_settings_are_no_reference()
    {
        var past = (await _audited.AuditAsync(null, 1, Cancel)).Past!;
        _audited.Model = "other";
        var report = await _audited.AuditAsync(past with { Settings = "elsewhere" }, 2, Cancel);
        Assert.False(report.HasChange);
        Assert.NotEqual(past.Words, report.Past!.Words);
    }

    [Fact]
    public async Task With_a_reference_or_without_a_place_to_keep_it_nothing_is_enrolled()
    {
        Assert.Null((await _audited.AuditAsync(null, 1, Cancel, keeps: false)).Past);
        var report = await _audited.AuditAsync(null, 1, Cancel, hasReference: true);
        Assert.Null(report.Past);
        Assert.Empty(Of(report));
    }

    [Fact]
    public async Task The_unchanged_are_called_changed_no_more_often_than_is_stated()
    {
        EnrolledPast? past = null;
        for (var seed = 1; seed <= 6; seed++)
            past = (await _audited.AuditAsync(past, seed, Cancel)).Past;
        var changed = 0;
        for (var seed = 100; seed < 300; seed++)
            changed += (await _audited.AuditAsync(past, seed, Cancel)).HasChange ? 1 : 0;
        Assert.Equal(0, changed); // both tests together convict at less than one in a thousand
    }

    private static List<AuditFinding> Of(AuditReport report) => [.. report.Findings.Where(finding => CheckShares.IsOfChange(finding.Test)).OrderBy(finding => finding.Test == CheckShares.Past ? 0 : 1)];
}
