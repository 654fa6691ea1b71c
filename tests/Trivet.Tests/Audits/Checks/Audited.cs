using Trivet.Core.Audits;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Catalogue;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Audits.Checks;

/// <summary>An offering that answers questions for one word and for random strings, and whatever audits are made of it.</summary>
internal sealed class Audited
{
    private readonly Random _random = new(4);

    public ManualTime Time { get; } = new();

    public long NowMs => Time.NowMs;

    /// <summary>Who answers.</summary>
    public string Model { get; set; } = "one";

    /// <summary>No first word comes within a small limit.</summary>
    public bool Thinks { get; set; }

    /// <summary>Prompts between two words now prefer the other one.</summary>
    public bool MovesBorders { get; set; }

    public async Task<AuditReport> AuditAsync(EnrolledPast? past, int seed, CancellationToken cancellationToken, bool keeps = true, bool hasReference = false)
    {
        var snapshot = GatewaySnapshot.Compile(ConfigReader.Read("""
            upstreams:
              - { name: seller, vendor: custom, keys: [k], endpoints: { openai-chat: "http://127.0.0.1:1/v1" }, models: [m], price: { currency: USD, per_million: { input: 1, output: 5 } } }
              - { name: vendor, vendor: custom, keys: [k], endpoints: { openai-chat: "http://127.0.0.1:2/v1" }, models: [m], price: { currency: USD, per_million: { input: 1, output: 5 } } }
            """, ConfigSource.Environment, _ => null).Config!);
        Offering Find(string name) => snapshot.TryGetUpstream(name, out var upstream) ? snapshot.OfferingOf(upstream, "m")! : throw new InvalidOperationException(name);
        Assert.True(Budget.TryParse("5.00USD", out var budget));
        var audit = new UpstreamAudit(Time, PriceBook.WithoutFx, (_, offering) => new Prober(this, offering));
        return await audit.RunAsync(new AuditPlan(Find("seller"), hasReference ? Find("vendor") : null, budget, seed) { Steps = [AuditStep.Past], Past = past, KeepsPast = keeps }, cancellationToken);
    }

    private ProbeAnswer Answer(ProbeQuestion question) => new()
    {
        Text = question.Text.StartsWith("Make up a random password", StringComparison.Ordinal) ? Password() : Thinks ? "" : Word(question.Text),
        Usage = Usage.FromInclusive(20, 0, 0, 5, 0),
        Body = "{}",
    };

    // One prompt in six lies between two words; the others have one that comes in 98 of 100 answers.
    private string Word(string prompt)
    {
        var key = Hash(prompt);
        var likeliest = key % 6 == 0 ? (MovesBorders ? 0.1 : 0.7) : 0.98;
        return $"{Model}{(key + (_random.NextDouble() < likeliest ? 0u : 1u)) % 1000}";
    }

    // Each model likes some characters more than others.
    private string Password()
    {
        var likes = Hash(Model);
        return string.Concat(Enumerable.Range(0, 24).Select(_ => (char)('a' + (int)((likes + (uint)Math.Floor(12 * Math.Pow(_random.NextDouble(), 2))) % 26))));
    }

    private static uint Hash(string text)
    {
        var hash = 2166136261;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619;
        return hash ^ (hash >> 15);
    }

    private sealed class Prober(Audited audited, Offering offering) : IProber
    {
        public Offering Offering => offering;

        public Protocol Protocol => Protocol.OpenAIChat;

        public Task<ProbeAnswer> AskAsync(ProbeQuestion question, CancellationToken cancellationToken) => Task.FromResult(audited.Answer(question));

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
