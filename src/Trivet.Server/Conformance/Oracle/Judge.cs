using System.Text;
using System.Text.Json.Nodes;
using Trivet.Sandbox;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Oracle;

/// <summary>Decides what became of one request, from what both ends saw.</summary>
internal static class Judge
{
    public static Finding OfAnswer(Feature feature, IClient client, string upstream, Witness witness, Heard? heard)
    {
        var isSame = client.Name == upstream;
        if (isSame && IsExact(witness))
            return new Finding(Verdict.Exact);
        if (witness.Reply.Status >= 400)
            return OfRefusal(feature, client, witness.Talk, witness.Reply);
        if (heard is null || witness.Seen is not { } seen)
            return Finding.Wrong("no answer that can be read");

        var asked = seen.Asked.Select(f => Fact.Of(f.Name, f.Value)).ToList();
        var isBack = feature.Returns is { } blob && asked.RemoveAll(f => f == blob) > 0;
        var diff = FactDiff.Between(TalkFacts.Of(witness.Talk), asked);
        var problems = AnswerProblems(upstream, seen, heard, witness.Talk).ToList();
        if (feature.Check?.Invoke(heard, Encoding.UTF8.GetString(seen.AnswerBody.Span)) is { } lost)
            problems.Add((lost, lost + " of the answer"));
        if (feature is { Returns: { } wanted, Next: not null } && witness.Talk != feature.Talk && !isBack && upstream is ("anthropic-messages" or "openai-responses"))
            problems.Add(("thoughts", $"{wanted} did not come back"));
        var silent = Silent(diff, witness, seen).Concat(problems.Where(p => !LossWords.Name(witness.Reply.Lost, LossWords.Of(p.Name))).Select(p => p.What)).ToList();
        if (isSame)
            silent.Insert(0, "not byte for byte");
        if (silent.Count > 0)
            return Finding.Wrong(string.Join("; ", silent) + (witness.Reply.Lost.Length > 0 ? $" [lost: {witness.Reply.Lost}]" : ""));
        return problems.Count == 0 && diff.Extra.Count == 0 && !diff.IsReordered && diff.Missing.All(f => IsKeptByGateway(f, witness.Talk, seen)) ? new Finding(Verdict.Equivalent) : new Finding(Verdict.LossReported, witness.Reply.Lost);
    }

    /// <summary>Of a request that the vendor fails.</summary>
    public static Finding OfError(Feature feature, IClient client, string upstream, Witness witness)
    {
        if (client.Name == upstream && IsExact(witness))
            return new Finding(Verdict.Exact);
        if (!feature.ErrorStatuses.Contains(witness.Reply.Status))
            return Finding.Wrong($"status {witness.Reply.Status}: {Short(witness.Reply.Body)}");
        var (fault, _) = client.ReadError(witness.Reply.Status, witness.Reply.Json);
        return fault is null ? new Finding(Verdict.Equivalent) : Finding.Wrong($"{fault}: {Short(witness.Reply.Body)}");
    }

    /// <summary>Of an answer that the vendor breaks off: what had come must stand, and the client must see that it is not all.</summary>
    public static Finding OfBreak(IClient client, string upstream, bool stream, Witness witness)
    {
        if (witness.Reply.Status >= 400)
        {
            var (fault, _) = client.ReadError(witness.Reply.Status, witness.Reply.Json);
            return fault is null && witness.Reply.Status >= 500 ? new Finding(Verdict.Equivalent) : Finding.Wrong($"{witness.Reply.Status} {fault}: {Short(witness.Reply.Body)}");
        }

        if (client.Name == upstream && stream && witness.Seen is { } same && witness.Reply.Body.AsSpan().StartsWith(same.AnswerBody.Span) && BodyIsSame(witness, same))
            return new Finding(Verdict.Exact);
        if (!stream)
            return witness.Reply.WasCut ? new Finding(Verdict.Equivalent) : Finding.Wrong("a whole answer where the vendor gave none");
        var heard = client.ReadStream(witness.Reply.Body);
        if (heard.Error is null && !witness.Reply.WasCut)
            return Finding.Wrong("the broken answer looks complete");
        var text = witness.Seen?.Text ?? "";
        return text.StartsWith(heard.Text, StringComparison.Ordinal) && heard.Faults.TrueForAll(f => witness.Reply.WasCut) ? new Finding(Verdict.Equivalent) : Finding.Wrong($"{string.Join("; ", heard.Faults)} {heard.Text}");
    }

    public static Finding OfCount(IClient client, string upstream, Witness witness)
    {
        if (client.Name == upstream && witness.Seen is not null && IsExact(witness))
            return new Finding(Verdict.Exact);
        if (witness.Reply.Status >= 400)
            return client.ReadError(witness.Reply.Status, witness.Reply.Json).Fault is { } fault ? Finding.Wrong(fault) : new Finding(Verdict.Refused, $"{witness.Reply.Status}");
        if (witness.Reply.Json is not JsonObject body || client.ReadCount(body) is not { } count || count <= 0)
            return Finding.Wrong($"no count: {Short(witness.Reply.Body)}");
        return witness.Reply.IsEstimate ? new Finding(Verdict.LossReported, "an estimate, and x-trivet-estimated says so") : witness.Seen is null ? Finding.Wrong($"{count} out of nowhere") : new Finding(Verdict.Equivalent);
    }

    /// <summary>Of an answer by a vendor that tells nothing of what it saw: whether it is an answer, and the one that was asked for.</summary>
    public static Finding OfLive(Feature feature, IClient client, Talk talk, Reply reply, Heard? heard)
    {
        if (reply.Status >= 400)
            return OfRefusal(feature, client, talk, reply);
        if (heard is null)
            return Finding.Wrong("no answer that can be read");
        var problems = heard.Faults.Select(fault => "illegal: " + fault).Concat(heard.Error is null ? [] : ["an error in the answer: " + heard.Error]).ToList();
        if (heard.Usage is not { Input: > 0, Output: > 0 })
            problems.Add("no token counts");
        if (feature.Check?.Invoke(heard, "") is { } missed)
            problems.Add($"{missed}: '{Short(heard.Text)}'");
        return problems.Count > 0 ? Finding.Wrong(string.Join("; ", problems.Distinct())) : reply.Lost.Length > 0 ? new Finding(Verdict.LossReported, reply.Lost) : new Finding(Verdict.Equivalent);
    }

    private static Finding OfRefusal(Feature feature, IClient client, Talk talk, Reply reply)
    {
        var (fault, message) = client.ReadError(reply.Status, reply.Json);
        if (fault is not null || reply.Status >= 500)
            return Finding.Wrong($"{reply.Status} {fault} {Short(reply.Body)}");
        var words = TalkFacts.Of(talk).SelectMany(LossWords.Of).Concat(feature.Words);
        return LossWords.Name(message, words) ? new Finding(Verdict.Refused, message) : Finding.Wrong($"{reply.Status} {message}");
    }

    private static bool IsExact(Witness witness) => witness.Seen is { } seen && BodyIsSame(witness, seen) && witness.Reply.Body.AsSpan().SequenceEqual(seen.AnswerBody.Span) && (witness.Reply.Status == seen.Status || seen.Status == 0);

    private static bool BodyIsSame(Witness witness, SandboxLogEntry seen) => seen.Body.Span.SequenceEqual(witness.Sent);

    // What is lost must be named. What is added must be the other half of something that is named as moved or changed.
    private static IEnumerable<string> Silent(FactDiff diff, Witness witness, SandboxLogEntry seen)
    {
        var lost = witness.Reply.Lost;
        foreach (var fact in diff.Missing.Where(f => !LossWords.Name(lost, LossWords.Of(f)) && !IsKeptByGateway(f, witness.Talk, seen)))
            yield return $"lost in silence: {fact}";
        var isTold = diff.Missing.Count > 0 || lost.Contains('~', StringComparison.Ordinal);
        foreach (var fact in diff.Extra.Where(f => !(isTold && lost.Length > 0) && !LossWords.Name(lost, LossWords.Of(f))))
            yield return $"added: {fact}";
        if (diff.IsReordered && !LossWords.Name(lost, LossWords.Of("order")))
            yield return "reordered in silence";
    }

    // A stop sequence that the vendor was not told, that it went past, and that the client's answer ends at all the same; calls in parallel of which the client got the first.
    private static bool IsKeptByGateway(Fact fact, Talk talk, SandboxLogEntry seen) =>
        (fact.Name == "stop" && talk.Stop.Any(stop => !seen.Asked.Any(f => f.Name == "stop" && f.Value == stop) && seen.Text?.Contains(stop, StringComparison.Ordinal) == true))
        || (fact.Name == "parallel" && seen.ToolCalls.Count > 1);

    private static IEnumerable<(string Name, string What)> AnswerProblems(string upstream, SandboxLogEntry served, Heard heard, Talk talk)
    {
        var choices = talk.Choices ?? 1;
        var (text, isStopped) = Stopped(served.Text ?? "", talk.Stop);
        if (heard.Error is not null)
            yield return ("error", "an error in the answer: " + heard.Error);
        foreach (var fault in heard.Faults.Distinct())
            yield return ("illegal", "illegal: " + fault);
        if (heard.Text != text)
            yield return ("text", $"said '{Short(heard.Text)}' for '{Short(text)}'");
        if (heard.Thoughts != served.ReasoningShown)
            yield return ("thoughts", $"thought '{Short(heard.Thoughts)}' for '{Short(served.ReasoningShown ?? "")}'");
        var toHear = talk.ParallelOff ? served.ToolCalls.Take(1).ToList() : served.ToolCalls;
        var (calls, made) = (heard.Calls.Select(c => $"{c.Name} {Fact.Normal(c.Text)}").ToList(), toHear.Select(c => $"{c.Name} {Fact.Normal(c.Arguments)}").ToList());
        var asObjects = toHear.Select(c => $"{c.Name} {(Fact.IsObject(c.Arguments) ? Fact.Normal(c.Arguments) : "{}")}"); // all that these two can say
        if (!SameCalls(calls, made) && !(upstream is "anthropic-messages" or "gemini" && SameCalls(calls, asObjects)))
            yield return ("assistant.call", $"called {string.Join(", ", calls)} for {string.Join(", ", made)}");
        var stop = isStopped ? "end" : served.Stop switch { "Length" => "length", "ToolCalls" => "tool", "ContentFilter" or "Refusal" => "refused", _ => "end" };
        if (heard.Stop != stop)
            yield return ("stop_reason", $"stopped by {heard.Stop} for {stop}");
        if (heard.Model != served.Model)
            yield return ("model", $"model {heard.Model}");
        if (heard.Usage is not { } usage)
            yield return ("usage", "no usage");
        else if (served.Usage is { } used && (usage.Input != used.InputTotal || usage.Cached != used.CacheReadTokens || usage.Output != used.OutputTotal * choices || usage.Thoughts is { } thoughts && thoughts != used.ReasoningTokens * choices))
            yield return ("usage", $"counted {usage} for input {used.InputTotal}, cached {used.CacheReadTokens}, output {used.OutputTotal}, thoughts {used.ReasoningTokens}");
    }

    private static (string Text, bool IsStopped) Stopped(string text, IReadOnlyList<string> stops)
    {
        var at = stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        return at < 0 ? (text, false) : (text[..at], true);
    }

    private static bool SameCalls(IEnumerable<string> heard, IEnumerable<string> made) => heard.Select(c => Fact.Of("assistant.call", c).Value).SequenceEqual(made.Select(c => Fact.Of("assistant.call", c).Value));

    private static string Short(byte[] text) => Short(Encoding.UTF8.GetString(text));

    private static string Short(string text) => text.Length > 160 ? text[..160] + "…" : text;
}
