using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Trivet.Benchmarks.Forwarders;
using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Vendor;

/// <summary>
/// The upstream of every target: a handler that finds the model's name in the body by a byte search and writes bytes made before. It parses
/// no JSON, so that its own cost is small and the same whatever the target sent.
/// </summary>
internal static class FakeVendor
{
    private static readonly TimeSpan PacedInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Answers> Chat = MakeAll(
        [.. VendorModels.BothProtocols, .. VendorModels.ChatOnly, .. VendorModels.AllOnly(Protocol.OpenAIChat)], VendorAnswers.ChatPlain, VendorAnswers.ChatEvents, VendorAnswers.ChatPiece);

    private static readonly Dictionary<string, Answers> Messages = MakeAll(
        [.. VendorModels.BothProtocols, .. VendorModels.AllOnly(Protocol.AnthropicMessages)], VendorAnswers.MessagesPlain, VendorAnswers.MessagesEvents, static (_, i) => VendorAnswers.MessagesPiece(i));

    private static readonly Dictionary<string, Answers> Responses = Translated(Protocol.OpenAIResponses);

    private static readonly Dictionary<string, Answers> Gemini = Translated(Protocol.Gemini);

    private sealed record Answers(string Model, byte[] Plain, byte[][] Events, byte[] Burst, byte[] SlowPiece);

    public static Task RunAsync(int port) => ForwarderHost.RunAsync(port, AnswerAsync);

    private static Dictionary<string, Answers> Translated(Protocol protocol) => MakeAll(
        VendorModels.AllOnly(protocol), model => TranslatedAnswers.Plain(protocol, model), model => TranslatedAnswers.Events(protocol, model), static (_, _) => []);

    private static Dictionary<string, Answers> MakeAll(
        string[] models, Func<string, byte[]> plain, Func<string, byte[][]> events, Func<string, int, byte[]> piece) =>
        models.ToDictionary(
            model => model,
            model => new Answers(model, plain(model), events(model), VendorAnswers.Join(events(model)), piece(model, 0)),
            StringComparer.Ordinal);

    private static async Task AnswerAsync(HttpContext http)
    {
        var answersOf = http.Request.Path.Value switch
        {
            "/v1/chat/completions" => Chat,
            "/v1/messages" => Messages,
            "/v1/responses" => Responses,
            ['/', 'v', '1', 'b', 'e', 't', 'a', ..] => Gemini,
            _ => null,
        };
        var answers = answersOf is null ? null : await ReadModelAsync(http.Request.BodyReader, answersOf);
        if (answers is null && answersOf is not null)
            answers = FindModel(Encoding.ASCII.GetBytes(http.Request.QueryString.Value + http.Request.Path.Value), "bench-"u8, answersOf);
        if (answers is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var headers = http.Response.Headers;
        headers["x-request-id"] = "req_011CSHoEeqs5C35K2UUqR7Fy";
        headers["x-ratelimit-limit-requests"] = "10000";
        headers["x-ratelimit-remaining-requests"] = "9999";
        headers["x-ratelimit-reset-requests"] = "6ms";
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains; preload";

        if (answers.Model.EndsWith("plain", StringComparison.Ordinal))
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = answers.Plain.Length;
            await http.Response.BodyWriter.WriteAsync(answers.Plain);
            return;
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        headers.CacheControl = "no-cache";
        if (answers.Model.EndsWith("burst", StringComparison.Ordinal))
            await http.Response.BodyWriter.WriteAsync(answers.Burst);
        else if (answers.Model.EndsWith("paced", StringComparison.Ordinal))
            await WritePacedAsync(http, answers);
        else
            await WriteSlowAsync(http, answers);
    }

    private static async Task WritePacedAsync(HttpContext http, Answers answers)
    {
        using var timer = new PeriodicTimer(PacedInterval);
        foreach (var piece in answers.Events)
        {
            await http.Response.BodyWriter.WriteAsync(piece, http.RequestAborted);
            await timer.WaitForNextTickAsync(http.RequestAborted);
        }
    }

    /// <summary>Begins as a stream does, then one piece of text a second, until the client leaves.</summary>
    private static async Task WriteSlowAsync(HttpContext http, Answers answers)
    {
        try
        {
            await http.Response.BodyWriter.WriteAsync(answers.Events[0], http.RequestAborted);
            await http.Response.BodyWriter.WriteAsync(answers.Events[1], http.RequestAborted);
            using var timer = new PeriodicTimer(SlowInterval);
            while (await timer.WaitForNextTickAsync(http.RequestAborted))
                await http.Response.BodyWriter.WriteAsync(answers.SlowPiece, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client left, as it always does here.
        }
    }

    private static async ValueTask<Answers?> ReadModelAsync(PipeReader body, Dictionary<string, Answers> answersOf)
    {
        while (true)
        {
            var read = await body.ReadAsync();
            if (!read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            var answers = FindModel(read.Buffer, answersOf);
            body.AdvanceTo(read.Buffer.End);
            return answers;
        }
    }

    private static Answers? FindModel(in ReadOnlySequence<byte> body, Dictionary<string, Answers> answersOf)
    {
        if (body.IsSingleSegment)
            return FindModel(body.FirstSpan, answersOf);
        var rented = ArrayPool<byte>.Shared.Rent((int)body.Length);
        body.CopyTo(rented);
        var answers = FindModel(rented.AsSpan(0, (int)body.Length), answersOf);
        ArrayPool<byte>.Shared.Return(rented);
        return answers;
    }

    private static Answers? FindModel(ReadOnlySpan<byte> body, Dictionary<string, Answers> answersOf) => FindModel(body, "\"bench-"u8, answersOf);

    private static Answers? FindModel(ReadOnlySpan<byte> text, ReadOnlySpan<byte> beginning, Dictionary<string, Answers> answersOf)
    {
        var start = text.IndexOf(beginning);
        if (start < 0)
            return null;
        var name = text[(start + beginning.Length - "bench-".Length)..];
        var end = name.IndexOfAny("\":/"u8);
        if (end is < 0 or > 48)
            return null;
        Span<char> model = stackalloc char[end];
        for (var i = 0; i < end; i++)
            model[i] = (char)name[i];
        return answersOf.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(model, out var answers) ? answers : null;
    }
}
