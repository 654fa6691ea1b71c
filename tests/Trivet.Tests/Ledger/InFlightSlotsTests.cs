using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Ledger;

public sealed class InFlightSlotsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("trivet-slots-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_was_in_flight_is_found_by_the_next_start_with_how_far_it_had_come()
    {
        using var first = Open();
        var slot = first.Take([1, 2, 3]);
        first.Take([4]);
        first.Free(first.Take([5]));
        first.Note(slot, new SlotProgress(1, 2, 3, 4, 5, 6, 7, 8));

        // Not disposed: as after kill -9, the next one reads what is in the file.
        using var second = Open();
        var left = second.TakeLeft().ToDictionary(found => found.Payload.Length);

        Assert.Equal(2, left.Count);
        Assert.Equal([1, 2, 3], left[3].Payload.ToArray());
        Assert.Equal(new SlotProgress(1, 2, 3, 4, 5, 6, 7, 8), left[3].Progress);
        Assert.Equal([4], left[1].Payload.ToArray());
    }

    [Fact]
    public void What_was_left_is_kept_until_it_is_written_down()
    {
        using (var first = Open())
            first.Take([1]);
        using (var second = Open())
            Assert.Single(second.TakeLeft());
        using (var third = Open())
        {
            Assert.Single(third.TakeLeft());
            third.ForgetLeft();
        }

        using var fourth = Open();
        Assert.Empty(fourth.TakeLeft());
    }

    [Fact]
    public void A_torn_slot_is_recognised_and_its_place_used_again()
    {
        using (var first = Open())
            first.Take([1, 2, 3, 4]);
        var path = Directory.GetFiles(_directory, "*.slots").Single();
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf((byte[])[1, 2, 3, 4]);
        bytes[at + 2] ^= 0x40;
        File.WriteAllBytes(path, bytes);

        using var second = Open();

        Assert.Empty(second.TakeLeft());
        Assert.NotEqual(InFlightSlots.None, second.Take([9]));
    }

    [Fact]
    public void More_than_one_file_holds_them_when_there_are_many()
    {
        using (var slots = Open())
        {
            var taken = Enumerable.Range(0, 5000).Select(_ => slots.Take([7])).ToList();
            Assert.Equal(5000, taken.Distinct().Count());
        }

        using var next = Open();
        Assert.Equal(5000, next.TakeLeft().Count);
    }

    [Fact]
    public void An_attempt_is_read_back_as_it_was_written_and_long_names_are_cut()
    {
        var attempt = new AttemptRecord
        {
            Id = "att_1",
            RequestId = "req_1",
            Ordinal = 3,
            Organisation = "acme",
            Team = "search",
            KeyId = "key_1",
            StartedMs = 11,
            AdmittedMs = 10,
            Upstream = "lab",
            CredentialId = "lab#1",
            UpstreamModel = new string('m', 500),
            ModelAsked = "\u4E2D\u6587",
            Route = "r",
            ClientProtocol = "openai-chat",
            UpstreamProtocol = "gemini",
            Holder = "n.1",
            Payer = "customer/acme/USD",
            Allowances = "a b",
            Streamed = true,
        };
        using (var slots = Open())
        {
            Span<byte> buffer = stackalloc byte[InFlightSlots.PayloadBytesMax];
            var slot = slots.Take(buffer[..AttemptIntent.Write(buffer, new AttemptIntent { Attempt = attempt, InputTokens = 12, OutputTokens = 34, ReservedNano = 56 })]);
            slots.Note(slot, AttemptIntent.Progress(new Usage { InputUncached = 13, CacheRead = 2 }, hasContent: true, outputTokens: 21, bytes: 99));
        }

        using var next = Open();
        Assert.True(AttemptIntent.TryRead(next.TakeLeft().Single(), out var intent, out var usage));

        Assert.Equal((12, 34, 56), (intent.InputTokens, intent.OutputTokens, intent.ReservedNano));
        Assert.Equal((13, 2, 21), (usage.InputUncached, usage.CacheRead, usage.OutputText));
        var read = intent.Attempt;
        Assert.Equal(
            attempt with
            {
                UpstreamModel = new string('m', 120),
                InputUncachedTokens = 13,
                InputCacheReadTokens = 2,
                OutputTextTokens = 21,
                Estimated = true,
                Recovered = true,
                Committed = true,
                OutputBytes = 99,
            },
            read);
    }

    [Fact]
    public void A_stream_that_had_not_begun_is_booked_with_its_input_and_an_answer_that_comes_whole_with_what_such_answers_have()
    {
        Assert.Equal((40, 0), Recovered(isStreamed: true));
        Assert.Equal((40, 25), Recovered(isStreamed: false));

        (long Input, long Output) Recovered(bool isStreamed)
        {
            Span<byte> buffer = stackalloc byte[InFlightSlots.PayloadBytesMax];
            var attempt = new AttemptRecord { Id = "a", RequestId = "r", Organisation = "o", KeyId = "k", StartedMs = 1, Upstream = "u", Streamed = isStreamed };
            var length = AttemptIntent.Write(buffer, new AttemptIntent { Attempt = attempt, InputTokens = 40, OutputTokens = 25 });
            Assert.True(AttemptIntent.TryRead(new LeftSlot(buffer[..length].ToArray(), default), out _, out var usage));
            return (usage.InputTotal, usage.OutputTotal);
        }
    }

    private InFlightSlots Open() => new(_directory, NullLogger<InFlightSlots>.Instance);
}
