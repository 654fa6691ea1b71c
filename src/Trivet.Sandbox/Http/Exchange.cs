using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Log;
using Trivet.Sandbox.Protocols;
using Trivet.Sandbox.Scripts;
using Trivet.Sandbox.Streaming;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Http;

/// <summary>
/// One request from end to end: 1 log it, 2 check the credential, 3 parse, 4 stage faults, 5 validate and read, 6 decide the answer,
/// 7 count, 8 render. Errors at any step go out in the protocol's own shape.
/// </summary>
internal sealed class Exchange(SandboxState state, IProtocol protocol, HttpContext http, bool isCount)
{
    private readonly string _requestId = state.NextRequestId();
    private Staging _staging = Staging.None;
    private SandboxLogEntry _log = null!;

    public async Task RunAsync()
    {
        _log = LogWriter.Open(state, http, protocol.Name, _requestId);
        var recording = state.Options.LogsAnswers ? RecordingBody.On(http) : null;
        try
        {
            await AnswerAsync();
        }
        catch (Refusal refusal)
        {
            await RefuseAsync(refusal);
        }
        catch (StagedEnd end)
        {
            if (end.IsCut)
            {
                await Connections.CutAsync(http);
            }
            else
            {
                _log.IsComplete = true;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // A staged reset looks like a disconnect from in here, but it was ours.
            _log.DisconnectedAfterEvent = _staging.Reset ? null : _log.Events;
        }
        finally
        {
            _log.AnswerBody = recording?.Written ?? default;
            _log.Finished = state.Options.Time.GetUtcNow();
        }
    }

    private async Task AnswerAsync()
    {
        var bytes = await RequestBody.ReadAsync(http, state.Options.BodyBytesMax);
        state.Log.KeepBody(_log, bytes);
        var account = CheckCredential();
        using var document = RequestBody.Parse(bytes);
        var body = document.RootElement;
        var model = ModelName.Parse(protocol.Model(http.Request, body) is { Length: > 0 } name ? name : throw NoModel());
        _log.Model = model.Full;
        _log.IsStream = protocol.IsStream(http.Request, body);
        var script = isCount ? null : state.Scripts.Take(model.Full, protocol.Name);
        await StageAsync(model, script);
        if (script?.Raw is { } raw)
        {
            await RawReplies.SendAsync(http, raw, state.Waiting, _log);
            return;
        }

        var ask = protocol.Read(new RequestContext(http.Request, model, state.Signatures, isCount, account), body);
        ask.Account = account;
        ask.Temperature = body.Double("temperature") ?? body.Get("generationConfig").Double("temperature");
        _log.Asked = state.Log.IsEnabled ? AskedFacts.Of(ask, protocol.Name) : [];
        var inputTokens = TokenCounter.Input(ask);
        CheckStagedLimits(ask, inputTokens);
        if (isCount)
        {
            await WholeBody.SendAsync(http, _staging, state.Waiting, _log, json => protocol.WriteCount(json, inputTokens));
            return;
        }

        var reply = ReplyMaker.Make(state, protocol, ask, model, script, _staging, _requestId);
        LogWriter.Answer(_log, reply);
        protocol.Remember(reply);
        await SendAsync(reply, script);
    }

    private string CheckCredential()
    {
        var credential = protocol.Credential(http.Request) ?? throw protocol.MissingCredential();
        return state.Options.ApiKeys.Count == 0 || state.Options.ApiKeys.Contains(credential)
            ? LogWriter.Hash(credential)
            : throw protocol.WrongCredential(credential);
    }

    private Refusal NoModel() => protocol.Name == "anthropic-messages"
        ? new Refusal(400, "model: Field required")
        : new Refusal(400, "you must provide a model parameter", "model", "missing_required_parameter");

    /// <summary>Faults that need no answer: they strike before the request is even understood.</summary>
    private async Task StageAsync(ModelName model, ScriptedReply? script)
    {
        if (isCount && model.Faults.Any(f => f.Name == "no-count"))
        {
            throw new Refusal(404, $"Invalid URL ({http.Request.Method} {http.Request.Path})") { Fault = "no-count" };
        }

        // Counting tokens must not use up faults that wait for a real request.
        _staging = isCount ? Staging.None : state.Faults.Stage(model, script?.Faults ?? []);
        _log.Faults = _staging.Applied;
        if (_staging.Reset)
        {
            Connections.Reset(http);
            throw new OperationCanceledException(http.RequestAborted);
        }

        if (_staging.SilentMs is { } silentMs)
        {
            await state.Waiting.WaitAsync(http, silentMs);
        }

        await state.Waiting.WaitAsync(http, _staging.HeadersMs);
        if (_staging.Refusal is { } refusal && !_staging.ErrorIn200)
        {
            throw refusal;
        }
    }

    private void CheckStagedLimits(Ask ask, int inputTokens)
    {
        if (_staging.ContextLength || inputTokens > _staging.ContextTokensMax)
        {
            throw StagedRefusals.ContextLength(inputTokens, _staging.ContextTokensMax ?? Math.Max(0, inputTokens - 1));
        }

        if (_staging.RejectsPrefill && ask.EndsWithAssistant)
        {
            throw StagedRefusals.Prefill();
        }
    }

    private async Task SendAsync(Reply reply, ScriptedReply? script)
    {
        protocol.SetHeaders(http.Response.Headers, _requestId, reply.Created);
        foreach (var (name, value) in script?.Headers ?? new Dictionary<string, string>())
        {
            http.Response.Headers[name] = value;
        }

        if (_staging is { Html: true } or { BaseRespCode: not null } or { EmptyBody: true })
        {
            await WholeBody.SendInsteadAsync(http, _staging, _log, reply);
        }
        else if (!reply.Ask.Stream)
        {
            var refusal = _staging.Refusal ?? StagedRefusals.Overloaded();
            await WholeBody.SendAsync(http, _staging, state.Waiting, _log, json =>
            {
                if (_staging.ErrorIn200)
                {
                    protocol.WriteError(json, refusal, _requestId);
                }
                else
                {
                    protocol.WriteWhole(json, reply);
                }
            });
        }
        else
        {
            await StreamAsync(reply);
        }
    }

    private async Task StreamAsync(Reply reply)
    {
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = _staging.ContentType ?? (reply.Ask.StreamsAsArray ? "application/json; charset=UTF-8" : protocol.StreamContentType);
        http.Response.Headers.CacheControl = "no-cache";
        _log.Status = http.Response.StatusCode;
        if (_staging.FirstTokenMs > 0)
        {
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }

        using var sink = new EventSink(http, _staging, reply.Style, reply.Ask.StreamsAsArray, state.Waiting, _log, s => protocol.WriteErrorEventAsync(s, StagedRefusals.Overloaded(), reply));
        if (_staging.ErrorIn200)
        {
            await protocol.WriteErrorEventAsync(sink, _staging.Refusal ?? StagedRefusals.Overloaded(), reply);
        }
        else
        {
            await protocol.WriteStreamAsync(sink, reply);
        }

        _log.IsComplete = true;
    }

    private async Task RefuseAsync(Refusal refusal)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        protocol.SetHeaders(http.Response.Headers, _requestId, state.Options.Time.GetUtcNow());
        if (refusal.RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds;
        }

        if (refusal.RetryAfterMs is { } milliseconds)
        {
            http.Response.Headers["retry-after-ms"] = milliseconds;
        }

        if (refusal.Status is 401 or 400)
        {
            http.Response.Headers["x-should-retry"] = "false";
        }

        _log.Error = refusal.Message;
        http.Response.StatusCode = refusal.Status;
        await WholeBody.SendAsync(http, Staging.None, state.Waiting, _log, json => protocol.WriteError(json, refusal, _requestId));
    }
}
