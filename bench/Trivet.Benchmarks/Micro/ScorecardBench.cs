using System.Globalization;
using Trivet.Benchmarks.Money;
using Trivet.Benchmarks.Vendor;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Micro;

/// <summary>
/// <c>scorecards</c>: what they cost a request, beside what a request costs that passes through. Each number is the quickest of several batches. What is looked at whole is spread over the
/// requests that are not.
/// </summary>
internal static class ScorecardBench
{
    /// <summary>docs/performance.md, `load` on two cores: CPU and bytes of a request that passes through.</summary>
    private static readonly (string Name, double Cpu, double Bytes)[] PassThrough = [("plain", 87, 7_304), ("burst", 137, 6_898), ("agent", 298, 8_251)];

    private const double ShareMax = 0.05;
    private const int Batches = 30;
    private const int BatchRequests = 2_000;
    private const int BatchLooks = 40;
    private const int Draws = 200_000;

    /// <summary>0, or 1 where they cost more than a twentieth of the CPU.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"",-58}{"µs of CPU",12}{"bytes",10}");
        var bench = new Bench();
        var noted = Measure("noted and checked for what is known anyway", BatchRequests, bench.Note);
        Measure("all that routing reads of one candidate", BatchRequests, bench.Read);
        (double Cpu, double Bytes)[] whole =
        [
            Measure("looked at whole: plain, 1 kB", BatchLooks, bench.LookAtPlain),
            Measure("looked at whole: burst, 103 events", BatchLooks, () => bench.LookAtStream(bench.PlainBody)),
            Measure("looked at whole: agent, 88 kB and 103 events", BatchLooks, () => bench.LookAtStream(bench.AgentBody)),
        ];
        var worst = 0.0;
        Console.WriteLine();
        for (var i = 0; i < PassThrough.Length; i++)
        {
            var (name, cpu, bytes) = PassThrough[i];
            var chosen = Chosen(i == 2 ? bench.AgentBody.Length : bench.PlainBody.Length);
            var (own, ownBytes) = (noted.Cpu + (whole[i].Cpu * chosen), noted.Bytes + (whole[i].Bytes * chosen));
            worst = Math.Max(worst, own / cpu);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-8} one in {1 / chosen,4:0} whole: {own,6:0.00} of {cpu,4:0} µs ({own / cpu:0.0%}), {ownBytes,6:0} of {bytes:0} bytes ({ownBytes / bytes:0.0%})"));
        }

        Console.WriteLine(worst <= ShareMax ? $"ok      {worst:0.0%} at worst, allowed {ShareMax:0%}" : $"FAILED  {worst:0.0%} at worst, allowed {ShareMax:0%}");
        return worst <= ShareMax ? 0 : 1;
    }

    private static double Chosen(int bodyBytes)
    {
        var now = TimeProvider.System.GetUtcNow();
        var chosen = 0;
        for (var i = 0; i < Draws; i++)
            chosen += PassiveChecks.IsChosen(RequestIds.NewRequest(now), bodyBytes) ? 1 : 0;
        return chosen / (double)Draws;
    }

    private static (double Cpu, double Bytes) Measure(string what, int times, Action act)
    {
        for (var i = 0; i < 300; i++)
            act();
        var (cpu, bytes) = (double.MaxValue, double.MaxValue);
        for (var batch = 0; batch < Batches; batch++)
        {
            var (before, allocated) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            for (var i = 0; i < times; i++)
                act();
            cpu = Math.Min(cpu, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / times);
            bytes = Math.Min(bytes, (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / times);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-58}{cpu,12:0.00}{bytes,10:0}"));
        return (cpu, bytes);
    }

    private sealed class Bench : ISseHandler
    {
        private readonly HealthBoard _health = new();
        private readonly RelayCall _call = new();
        private readonly Attempt _attempt;
        private readonly AttemptRecord _record;
        private readonly Scorecard _card;
        private readonly byte[] _answer = VendorAnswers.ChatPlain(VendorModels.ChatPlain);
        private readonly byte[] _stream = VendorAnswers.Join(VendorAnswers.ChatEvents(VendorModels.Burst));
        private readonly IWireFormat _format = WireFormats.For(Protocol.OpenAIChat);
        private long _nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        private IStreamReader? _reader;

        public Bench()
        {
            var upstream = new UpstreamConfig { Name = "both", Profile = VendorProfiles.Get("custom"), Endpoints = [new EndpointConfig(Protocol.OpenAIChat, new Uri("http://127.0.0.1:9/v1"), AuthScheme.Bearer)] };
            var snapshot = GatewaySnapshot.Compile(new GatewayConfig { Upstreams = [upstream] });
            _call.Begin(new NobodysExchange(CancellationToken.None), _format, snapshot, "req_not_chosen_0", 0, _nowMs);
            (_call.Tap.HasContent, _call.Tap.IsComplete, _call.Tap.StopReason, _call.Tap.Model) = (true, true, StopReason.EndTurn, "bench-plain-2026-11-30");
            _call.Tap.Usage = new Usage { InputUncached = 82, CacheRead = 128, OutputText = 144 };
            _call.Scan.InputTokensEstimate = 210;
            var state = new UpstreamState(upstream, TimeProvider.System);
            _attempt = new Attempt
            {
                Id = "a",
                Ordinal = 1,
                Offering = new Offering(upstream, "bench-plain"),
                Upstream = state,
                Credential = new CredentialState(new Credential("both#1", new Secret("dummy"))),
                Endpoint = upstream.Endpoints[0],
                StartedTimestamp = 0,
                StartedMs = _nowMs,
                FirstContentLimit = TimeSpan.FromSeconds(60),
                IsPassThrough = true,
            };
            _record = BookingRecords.Attempt(TimeProvider.System.GetUtcNow()) with { Streamed = true, ListNano = 402_480, ListCurrency = "USD", DurationMs = 1_000 };
            _card = _health.For(_attempt.Offering.Id).Card;
            for (var i = 0; i < 100; i++)
            {
                _card.FirstContent.Record(isStream: true, 210, 3);
                _card.TakesFirstCheck(20);
            }
        }

        public byte[] PlainBody { get; } = """{"model":"bench-plain","stream":true,"messages":[{"role":"user","content":"Tell me in a few words what the weather is like in the mountains in autumn, please."}]}"""u8.ToArray();

        public byte[] AgentBody { get; } = Load.AgentBody.Make(VendorModels.ChatPlain);

        // As the relay does it for an answer that is not looked at whole; two thousand requests a second.
        public void Note()
        {
            _nowMs += _nowMs % 2;
            ScoreSampling.Begin(_health, _attempt);
            PassiveChecks.Begin(_call, _attempt, _card);
            _card.RecordOutcome(isAnswered: true, _nowMs);
            ScoreSampling.Note(_health, _call, _attempt, _record, null, _nowMs);
            PassiveChecks.End(_call, _attempt, _card, _nowMs);
            _nowMs++;
        }

        public void Read()
        {
            _nowMs++;
            var sum = _card.Availability(_nowMs).Value + _card.Quality(_nowMs).Value + _card.FirstContentMs(isStream: true, 210, 0.5, _nowMs).Value + _card.OutputTokensPerSecond(_nowMs).Value
                + _card.PriceRatio(_nowMs).Value + _card.CacheShare(_nowMs).Value;
            if (double.IsNegative(sum))
                throw new BenchFailedException("a figure is negative");
        }

        public void LookAtPlain()
        {
            var sample = Ask(PlainBody, Protocol.OpenAIChat);
            if (!_format.TryReadResponse(_answer, _attempt.Offering, out var response, out _))
                throw new BenchFailedException("the answer cannot be read");
            sample.Take(response!);
            Conclude(sample);
        }

        public void LookAtStream(byte[] body)
        {
            var sample = Ask(body, ReferenceEquals(body, PlainBody) ? Protocol.OpenAIChat : Protocol.AnthropicMessages);
            _reader = _format.CreateStreamReader(sample.Copy, _attempt.Offering);
            using (var events = new SseReader())
            {
                events.Feed(_stream, this);
                events.Complete(this);
            }

            _reader.Complete();
            Conclude(sample);
        }

        public void OnEvent(in SseEvent e)
        {
            if (e.HasData)
                _reader!.OnEvent(e);
        }

        private AnswerSample Ask(byte[] body, Protocol protocol) => WireFormats.For(protocol).TryReadRequest(body, out var request, out var error)
            ? new AnswerSample(AnswerQuestion.Of(request!), Protocol.OpenAIChat)
            : throw new BenchFailedException(error!.Message);

        private void Conclude(AnswerSample sample) => _card.RecordChecks(sample.Judge() ?? throw new BenchFailedException("the answer was not judged"), _nowMs);
    }
}
