using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>From one protocol to another and back: everything is kept that the loss list does not name.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<Protocol, Protocol> Pairs
    {
        get
        {
            var pairs = new TheoryData<Protocol, Protocol>();
            foreach (var (a, b) in WireDoor.All.SelectMany(a => WireDoor.All.Select(b => (a.Protocol, b.Protocol))))
                pairs.Add(a, b);
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_request_comes_back_but_for_what_was_named_as_lost(Protocol from, Protocol to) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true), Prop.ForAll(Conversations.Requests, request => Held(request, WireDoor.Of(from), WireDoor.Of(to))));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void An_answer_comes_back_but_for_what_was_named_as_lost(Protocol from, Protocol to) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true), Prop.ForAll(Conversations.Answers, answer => HeldAnswer(answer, WireDoor.Of(from), WireDoor.Of(to))));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_streamed_answer_says_what_the_whole_one_says(Protocol from, Protocol to) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true), Prop.ForAll(Conversations.Answers, answer =>
        {
            var start = WireDoor.Of(from).Through(answer, new LossList());
            var whole = Meaning.Of(WireDoor.Of(to).Through(start, new LossList()));
            var streamed = Meaning.Of(WireDoor.Of(to).Streamed(start, new LossList()));
            return (whole == streamed).Label($"whole:\n{whole}\nstreamed:\n{streamed}");
        }));

    private static Property Held(CanonicalRequest generated, WireDoor from, WireDoor to)
    {
        var start = from.Through(generated, new LossList()); // what a client of that protocol can say at all
        var losses = new LossList();
        var back = from.Through(to.Through(start, losses), losses);
        var lost = losses.ToString();
        var (before, after) = (RequestAspects.Of(start), RequestAspects.Of(back));
        var silent = before.Where(aspect => after.GetValueOrDefault(aspect.Key) != aspect.Value && !RequestAspects.IsNamed(aspect.Key, lost))
            .Select(aspect => $"{aspect.Key}: {aspect.Value} became {after.GetValueOrDefault(aspect.Key) ?? "nothing"}").ToList();
        return (silent.Count == 0).Label($"{string.Join('\n', silent)}\nlost: {lost}");
    }

    private static Property HeldAnswer(CanonicalResponse generated, WireDoor from, WireDoor to)
    {
        var start = from.Through(generated, new LossList());
        var losses = new LossList();
        var back = from.Through(to.Through(start, losses), losses);
        var (before, after) = (Meaning.Of(start), Meaning.Of(back));
        return (before == after || !losses.IsEmpty).Label($"{before}\nbecame\n{after}\nlost: {losses}");
    }
}
