using Trivet.Core.Audits.Statistics;

namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// One-token probes against a simulated vendor whose honest answers vary as a real endpoint's did from day to day (EVIDENCE_FACTS §1.2): the likeliest token of a prompt comes in 92 to 100 of 100 answers,
/// which gives the null distances of that table (1 × 1: .081, 5 × 3: .067, 20 × 10: .053).
/// </summary>
internal sealed class OneTokenEvidence(EvidenceOptions options)
{
    private const int ReferenceSamples = 100;
    private const int Permutations = 999;
    private const double Alpha = 0.01;
    private const double FixedAlpha = 0.005;        // exact, as the test of texts is: room for chance below the 1 % that is allowed
    private const int PairsMax = 15;

    public IEnumerable<EvidenceRow> Rows()
    {
        var random = new Random(options.Seed);
        yield return Distance(1, 1, random);
        yield return Distance(5, 3, random);
        yield return Distance(20, 10, random);
        yield return Fixed(swapped: 0, random).AtMost(0.01);
        yield return Fixed(swapped: 1, random).AtLeast(0.99);
        yield return Fixed(swapped: 0.3, random);
        foreach (var row in Sequential(random))
            yield return row;
    }

    // Rare false alarms need more simulations than power does, and one of these costs little.
    private int Sims => options.Simulations * 5;

    private EvidenceRow Distance(int prompts, int samples, Random random)
    {
        double sum = 0;
        for (var i = 0; i < Sims; i++)
            sum += OneTokenTest.Run([.. Enumerable.Range(0, prompts).Select(p => new Vendor(p, random).Answers(samples, 0, random))], 0, random).Distance;
        return new EvidenceRow(EvidenceOptions.OneToken, $"honest, {prompts} × {samples}: mean distance of the simulated vendor", sum / Sims);
    }

    private EvidenceRow Fixed(double swapped, Random random)
    {
        var alarms = 0;
        for (var i = 0; i < Sims; i++)
            alarms += OneTokenTest.Run([.. Enumerable.Range(0, 5).Select(p => new Vendor(p, random).Answers(3, swapped, random))], Permutations, random).PValue <= FixedAlpha ? 1 : 0;
        return EvidenceRow.Rate(EvidenceOptions.OneToken, $"5 prompts × 3 = 15 requests, {swapped:P0} swapped: alarms at p ≤ {FixedAlpha}", alarms, Sims);
    }

    // Reference and observed are asked in turn, each time another prompt; the bet is that the reference repeats what it said before and the other does not.
    private IEnumerable<EvidenceRow> Sequential(Random random)
    {
        foreach (var swapped in new[] { 0.0, 1.0 })
        {
            var (alarms, asked) = (0, 0L);
            for (var i = 0; i < Sims; i++)
            {
                var bet = new ExchangeabilityBet();
                while (bet.Pairs < PairsMax && bet.EValueMax < 1 / Alpha)
                {
                    var vendor = new Vendor(bet.Pairs, random);
                    var expected = vendor.Honest(random);
                    bet.Add(vendor.Honest(random) == expected ? 1 : 0, vendor.Served(swapped, random) == expected ? 1 : 0);
                }

                alarms += bet.EValueMax >= 1 / Alpha ? 1 : 0;
                asked += bet.Pairs;
            }

            var row = EvidenceRow.Rate(EvidenceOptions.OneToken, $"sequential, at most {PairsMax} requests, {swapped:P0} swapped: e-value reaches {1 / Alpha}", alarms, Sims);
            yield return swapped == 0 ? row.AtMost(0.01) : row.AtLeast(0.99);
            yield return new EvidenceRow(EvidenceOptions.OneToken, $"sequential, {swapped:P0} swapped: mean requests", (double)asked / Sims);
        }
    }

    /// <summary>One prompt at one endpoint.</summary>
    private sealed class Vendor(int prompt, Random random)
    {
        private readonly double _likeliest = 0.92 + 0.08 * random.NextDouble();

        public OneTokenAnswers Answers(int samples, double swapped, Random r) => new(
            prompt.ToString(), [.. Enumerable.Range(0, ReferenceSamples).Select(_ => Honest(r))], [.. Enumerable.Range(0, samples).Select(_ => Served(swapped, r))]);

        public string Honest(Random r) => r.NextDouble() < _likeliest ? "a" : r.NextDouble() < 0.8 ? "b" : "c";

        // On the real swap nothing that came after had come before.
        public string Served(double swapped, Random r) => r.NextDouble() < swapped ? "x" + r.Next(2) : Honest(r);
    }
}
