using Trivet.Tests.Wire;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Specs;

/// <summary>Everything that the writers make of the recorded exchanges, in every other protocol, holds against the vendors' own specifications.</summary>
public sealed class EmittedTests
{
    public static TheoryData<string> Requests { get; } = Emitted.Ids(e => e.RequestBody is not null);

    public static TheoryData<string> Answers { get; } = Emitted.Ids(e => e is { ResponseBody: not null, Status: 200 });

    public static TheoryData<string> Streams { get; } = Emitted.Ids(e => e is { Sse: not null, Status: 200 });

    public static TheoryData<ErrorClass> Errors { get; } = [.. Enum.GetValues<ErrorClass>()];

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_valid_in_every_other_protocol(string id)
    {
        var exchange = Corpus.Get(id);
        if (!Emitted.Of(id).Format.TryReadRequest(exchange.RequestBody, out _, out _))
            return; // not a conversation (embeddings, moderation), or one that the vendor refused as well
        var problems = new List<string>();
        foreach (var target in Emitted.Others(id))
        {
            foreach (var (vendor, model) in Vendors(target.Protocol))
            {
                Emitted.Of(id).Format.TryReadRequest(exchange.RequestBody, out var request, out _); // a writer may use a request up
                problems.AddRange(target.InvalidRequest(request!, Emitted.At(vendor, model)).Select(fault => $"to {target.Name} at {vendor}: {fault}"));
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_valid_in_every_other_protocol_whole_and_streamed(string id)
    {
        var problems = new List<string>();
        foreach (var target in Emitted.Others(id))
        {
            if (!Emitted.Of(id).Format.TryReadResponse(Corpus.Get(id).ResponseBody, Emitted.At("custom", "m"), out var response, out _))
                return; // an error inside a 200
            problems.AddRange(target.InvalidAnswer(response!).Select(fault => $"to {target.Name}: {fault}"));
            problems.AddRange(target.InvalidStream(sink => ResponsePlayer.Play(response!, sink)).Select(fault => $"to {target.Name}, streamed: {fault}"));
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_is_valid_in_every_other_protocol_streamed_and_whole(string id)
    {
        var source = Emitted.Of(id);
        var problems = new List<string>();
        foreach (var target in Emitted.Others(id))
        {
            problems.AddRange(target.InvalidStream(sink => Read(source, id, sink)).Select(fault => $"to {target.Name}: {fault}"));
            var folder = new ResponseFolder(source.Protocol);
            Read(source, id, folder);
            if (folder.Error is null)
                problems.AddRange(target.InvalidAnswer(folder.Response).Select(fault => $"to {target.Name}, whole: {fault}"));
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_is_valid_in_every_protocol(ErrorClass kind)
    {
        foreach (var target in Emitted.All)
        {
            Assert.Empty(target.InvalidError(new WireError { Class = kind, Status = 400, Message = "No.", Code = "some_code", Param = "messages" }));
            Assert.Empty(target.InvalidError(new WireError { Class = kind, Message = "No." }));
        }
    }

    private static void Read(Emitted source, string id, IStreamSink sink)
    {
        var reader = source.Format.CreateStreamReader(sink, Emitted.At("custom", "m"));
        using var sse = new SseReader();
        Assert.True(sse.Feed(Corpus.Get(id).Sse!, reader));
        sse.Complete(reader);
        reader.Complete();
    }

    // The protocol's own vendor, and one of which nothing is known.
    private static (string Vendor, string Model)[] Vendors(Protocol protocol) => protocol switch
    {
        Protocol.AnthropicMessages => [("custom", "m"), ("anthropic", "claude-sonnet-5"), ("anthropic", "claude-3-5-haiku-latest")],
        Protocol.Gemini => [("custom", "m"), ("google", "gemini-3-pro")],
        _ => [("custom", "m"), ("openai", "gpt-5"), ("openai", "gpt-4o")],
    };
}
