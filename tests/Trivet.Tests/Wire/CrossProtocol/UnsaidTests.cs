using System.Text;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>What a stream holds beyond what any other protocol can say is named, as a whole answer's is.</summary>
public sealed class UnsaidTests
{
    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}""", "choices")]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":"b"}}]}""", "choices")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[]}}]}""", "choice.logprobs")]
    [InlineData("""{"choices":[{"index":0,"delta":{"audio":{"data":"AAAA"}}}]}""", "message.audio")]
    [InlineData("""{"choices":[],"citations":["https://a.example"],"search_results":[{"url":"https://a.example"}]}""", "citations search_results")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a","tool_calls":[],"images":[],"refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"system_fingerprint":"f","citations":[]}""", "")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]},{"type":"image_url","image_url":{"url":"https://a.example"}}]}}]}""", "content.reference content.media")]
    public void Of_a_chat_stream(string chunk, string unsaid) => Check(sink => new OpenAIChatStreamReader(sink, OpenAIChatDialect.Default), chunk, unsaid);

    [Theory]
    [InlineData("""{"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]}},{"index":1,"content":{"parts":[{"text":"b"}]}}]}""", "candidates")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"a"}]},"avgLogprobs":-1,"logprobsResult":{},"finishMessage":"m"}],"usageMetadata":{"promptTokenCount":1}}""", "candidate.avgLogprobs candidate.logprobsResult")]
    public void Of_a_gemini_stream(string chunk, string unsaid) => Check(sink => new GeminiStreamReader(sink, new GeminiDialect()), chunk, unsaid);

    [Theory]
    [InlineData("""{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"container":{"id":"c"},"stop_details":null},"usage":{"output_tokens":1},"context_management":{"applied_edits":[]}}""", "container context_management")]
    public void Of_a_messages_stream(string chunk, string unsaid) => Check(sink => new AnthropicMessagesStreamReader(sink, new AnthropicMessagesDialect()), chunk, unsaid);

    [Theory]
    [InlineData("""{"type":"response.output_text.delta","delta":"a","logprobs":[{"token":"a","logprob":-1}]}""", "output_text.logprobs")]
    [InlineData("""{"type":"response.output_text.delta","delta":"a","logprobs":[],"obfuscation":"x"}""", "")]
    [InlineData("""{"type":"response.output_item.done","output_index":0,"item":{"id":"msg_1","type":"message","phase":"commentary","content":[{"type":"output_text","text":"a"}]}}""", "message.phase")]
    public void Of_a_responses_stream(string chunk, string unsaid) => Check(sink => new OpenAIResponsesStreamReader(sink, new OpenAIResponsesDialect()), chunk, unsaid);

    [Fact]
    public void Log_probabilities_of_a_whole_responses_answer_are_kept_by_openais_protocols_and_named_by_the_others()
    {
        var body = """{"id":"resp_1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[{"token":"a","logprob":-1}]}]}]}""";
        foreach (var door in WireDoor.All)
        {
            var (losses, output) = (new LossList(), new System.Buffers.ArrayBufferWriter<byte>());
            door.WriteResponse(WireDoor.Responses.ReadResponse(Encoding.UTF8.GetBytes(body)), output, losses);
            var hasPlace = door.Protocol is Protocol.OpenAIResponses or Protocol.OpenAIChat;
            Assert.Equal(hasPlace ? "" : "output_text.logprobs", losses.ToString());
            Assert.Equal(hasPlace, Encoding.UTF8.GetString(output.WrittenSpan).Contains("\"logprob\":-1", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_phase_of_a_whole_responses_message_is_named_by_every_other_protocol()
    {
        foreach (var door in WireDoor.All)
        {
            var losses = new LossList();
            door.WriteResponse(WireDoor.Responses.ReadResponse("""{"id":"resp_1","status":"completed","output":[{"type":"message","phase":"commentary","content":[{"type":"output_text","text":"a"}]}]}"""u8.ToArray()), new System.Buffers.ArrayBufferWriter<byte>(), losses);
            Assert.Equal(door.Protocol == Protocol.OpenAIResponses ? "" : "message.phase", losses.ToString());
        }
    }

    private static void Check(Func<IStreamSink, IStreamReader> make, string chunk, string unsaid)
    {
        var reader = make(new ResponseFolder(Protocol.OpenAIChat));
        using var events = new SseReader();
        for (var i = 0; i < 2; i++) // each is named once
            Assert.True(events.Feed(Encoding.UTF8.GetBytes($"data: {chunk}\n\n"), reader));
        Assert.Equal(unsaid, string.Join(' ', reader.Unsaid));
    }
}
