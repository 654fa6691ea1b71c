namespace Trivet.Benchmarks.Evidence;

/// <summary>Holds the statistics of <c>Core/Audits</c> and the estimates of <c>Core/Routing</c> against recorded data: power, false alarms, cost.</summary>
internal static class EvidenceBench
{
    public static int Run(EvidenceOptions options)
    {
        var data = new EvidenceData(options.DataPath);
        var report = new EvidenceReport();
        foreach (var what in options.What)
        {
            foreach (var row in Rows(what, data, options))
                report.Add(row);
        }

        if (options.JsonFile is { } file)
            report.WriteJson(file);
        return report.IsMet || !options.Assert ? 0 : 1;
    }

    private static IEnumerable<EvidenceRow> Rows(string what, EvidenceData data, EvidenceOptions options) => what switch
    {
        EvidenceOptions.Mmd => data.Answers().SelectMany(answers => new MmdEvidence(answers, options).Rows()),
        EvidenceOptions.Manner => data.Answers().SelectMany(answers => new MannerEvidence(answers, options).Rows()),
        EvidenceOptions.OneToken => new OneTokenEvidence(options).Rows(),
        EvidenceOptions.Router => new RouterEvidence(data.Questions(), options).Rows(),
        EvidenceOptions.Policy => new PolicyEvidence(options).Rows(),
        EvidenceOptions.Decide => DecisionEvidence.Rows(),
        _ => new CacheEvidence(data.Trace(), options).Rows(),
    };
}
