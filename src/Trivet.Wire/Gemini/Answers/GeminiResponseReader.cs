using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>
/// Reads a whole Gemini answer, and the JSON array of chunks in which <c>streamGenerateContent</c> answers without <c>alt=sse</c>. Lenient: real servers
/// break the spec. Fields without a canonical name are kept in <see cref="CanonicalResponse.Extra"/>, those of the candidate as <c>candidate.NAME</c>.
/// </summary>
public static class GeminiResponseReader
{
    /// <summary>Reads the answer. False with an error where the body is none, or tells a failure inside a 200.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, GeminiDialect dialect, out CanonicalResponse? response, out WireError? error)
    {
        ArgumentNullException.ThrowIfNull(dialect); // answers of all vendors that speak Gemini are read alike
        var pass = new Pass();
        error = pass.Run(body) ?? pass.Finish();
        response = error is null ? pass.Response : null;
        return error is null;
    }

    private sealed class Pass
    {
        private readonly ResponseFolder _folder = new(Protocol.Gemini);
        private readonly GeminiAnswerAssembler _answer;
        private readonly GeminiChunk _chunk = new() { Extra = [] };
        private bool _started;
        private bool _hasCandidate;
        private string? _nativeReason;
        private string _detail = "";

        public Pass()
        {
            _answer = new GeminiAnswerAssembler(_folder);
        }

        public CanonicalResponse Response => _folder.Response;

        public WireError? Run(ReadOnlyMemory<byte> body)
        {
            var text = body.Span.TrimStart(" \t\r\n"u8);
            if (text.IsEmpty || text[0] != (byte)'[')
                return Take(body);
            try
            {
                var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax + 1 });
                reader.Read();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (Take(JsonTokens.ReadRaw(ref reader, body).Utf8) is { } error)
                        return error;
                }

                return null;
            }
            catch (JsonException)
            {
                return OpenAIChatTap.NotJson(isStream: false);
            }
        }

        /// <summary>The end: what makes the answer unusable though it is well-formed, or why it ended.</summary>
        public WireError? Finish()
        {
            _answer.Finish();
            if (_answer.Fault is { } fault)
                return fault with { Code = "upstream_invalid_body" };
            if (!_hasCandidate && _nativeReason is null)
                return new WireError { Class = ErrorClass.Server, Message = "The upstream's answer holds no candidate.", Code = "upstream_invalid_body" };
            var reason = GeminiStopReasons.Resolve(_nativeReason ?? "", _answer.HasToolCalls);
            if (reason == StopReason.Error)
                return GeminiStopReasons.BrokenOff(_nativeReason!, _detail);
            _folder.OnStop(reason, _nativeReason, default);
            _folder.OnEnd();
            return null;
        }

        private WireError? Take(ReadOnlyMemory<byte> body)
        {
            var data = body.Span;
            if (!_chunk.TryRead(data))
                return OpenAIChatTap.NotJson(isStream: false);
            if (_chunk.IsError)
                return Failure(data);
            if (!_started)
            {
                _started = true;
                _answer.Start = new StreamStart(_chunk.Id.TextOf(data), _chunk.Model.TextOf(data), _chunk.CreatedAt);
                _folder.OnStart(_answer.Start);
            }

            _hasCandidate |= _chunk.HasCandidate;
            _answer.Take(data, _chunk);
            if (_chunk.Usage is { } usage)
                _folder.OnUsage(in usage);
            if (!_chunk.ServiceTier.IsEmpty)
                Response.ServiceTier = JsonText.FromToken(body.Slice(_chunk.ServiceTier.Start, _chunk.ServiceTier.Length));
            if (_chunk.FinishReason.Length > 2)
                _nativeReason = _chunk.FinishReason.TextOf(data);
            else if (_chunk.BlockReason.Length > 2)
                _nativeReason ??= GeminiStopReasons.BlockedPrefix + _chunk.BlockReason.TextOf(data);
            if (_chunk.FinishMessage.Length > 2)
                _detail = _chunk.FinishMessage.TextOf(data);
            foreach (var (name, value) in _chunk.Extra!)
            {
                Response.Extra.RemoveAll(field => field.Name == name); // said again in a later chunk
                Response.Extra.Add(new ExtraField(name, new RawJson(body.Slice(value.Start, value.Length))));
            }

            foreach (var candidate in _chunk.MoreCandidates ?? [])
                TakeMore(candidate.Of(data));
            return null;
        }

        private static WireError Failure(ReadOnlySpan<byte> data)
        {
            var error = ErrorReader.Read(0, data);
            return error.Code is null && error.Type is null ? error with { Code = "upstream_invalid_body" } : error;
        }

        // Only a whole body holds further candidates that are whole.
        private void TakeMore(ReadOnlySpan<byte> candidate)
        {
            if (candidate[0] != (byte)'{')
                return;
            var chunk = new GeminiChunk();
            chunk.ReadCandidate(candidate);
            var folder = new ResponseFolder(Protocol.Gemini);
            var answer = new GeminiAnswerAssembler(folder) { Start = new StreamStart($"{Response.Id}.{Response.MoreChoices?.Count + 1 ?? 1}", "", 0) };
            answer.Take(candidate, chunk);
            answer.Finish();
            folder.OnEnd();
            var choice = new CanonicalChoice { StopReason = GeminiStopReasons.Resolve(chunk.FinishReason.TextOf(candidate), answer.HasToolCalls) };
            choice.Blocks.AddRange(folder.Response.Blocks);
            (Response.MoreChoices ??= []).Add(choice);
        }
    }
}
