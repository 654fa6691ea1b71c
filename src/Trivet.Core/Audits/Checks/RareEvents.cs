using Trivet.Core.Audits.Statistics;

namespace Trivet.Core.Audits.Checks;

/// <summary>
/// Counts things that an honest upstream hardly ever does (at most once in a hundred requests: <see cref="HonestRate"/>, an assumption that the report states) and a dishonest one does often. Two in a row are
/// enough; four requests without one clear it.
/// </summary>
internal sealed class RareEvents(string test, double threshold)
{
    public const double HonestRate = 0.01;

    private const double DishonestRate = 0.6;
    private const double FalseClearance = 0.05;

    private readonly SequentialRatioTest _test = new(HonestRate, DishonestRate, threshold, FalseClearance);
    private double _most = 1;

    public bool IsDecided => _test.Decision != SequentialRatioTest.Verdict.Open;

    public int Count { get; private set; }

    public int Trials => _test.Trials;

    public void Add(bool happened)
    {
        Count += happened ? 1 : 0;
        _test.Add(happened);
        _most = Math.Max(_most, _test.EValue);
    }

    public AuditFinding Finding(string found, string clean) => new(test, Trials == 0 ? AuditVerdict.NotRun : IsDecided || Count == 0 ? AuditVerdict.Clean : AuditVerdict.Unclear, Trials == 0 ? "No answer to test." : Count > 0 ? found : clean)
    {
        Answers = Trials,
        Statistic = "events",
        Value = Count,
        EValue = _most,
        Evidence = Trials == 0 ? null : _test.EValue,
    };
}
