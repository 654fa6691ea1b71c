using System.CommandLine.Parsing;
using System.Globalization;
using System.IO.Compression;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Routing.Difficulty;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;

namespace Trivet.Server.Cli.Routes;

/// <summary>Decisions, replays and verdicts for people.</summary>
internal static class RouteText
{
    private static readonly Dictionary<string, RequestTask> Tasks = new(StringComparer.Ordinal)
    {
        ["chat"] = RequestTask.Chat,
        ["code"] = RequestTask.Code,
        ["documents"] = RequestTask.Documents,
        ["translation"] = RequestTask.Translation,
        ["extraction"] = RequestTask.Extraction,
        ["long_context"] = RequestTask.LongContext,
    };

    public static RequestTask ParseTask(ArgumentResult argument)
    {
        var word = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Tasks.TryGetValue(word, out var task))
            return task;
        argument.AddError($"--task {word}: write one of {string.Join(", ", Tasks.Keys)}.");
        return RequestTask.Chat;
    }

    public static string WordOf(RequestTask task) => Tasks.First(pair => pair.Value == task).Key;

    /// <summary>A text file, unpacked where it is packed.</summary>
    public static StreamReader Open(FileInfo file) =>
        new(file.Extension.Equals(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file.OpenRead(), CompressionMode.Decompress) : file.OpenRead());

    public static void Write(TextWriter output, RouteExplanation explanation)
    {
        var decision = explanation.Decision!;
        output.WriteLine($"route     {explanation.Route}");
        output.WriteLine($"policy    {decision.Policy}{(decision.Aim is { } aim ? $" ({aim.ToString().ToLowerInvariant()}), task {WordOf(decision.Task)}" : "")}");
        output.WriteLine($"decision  {decision.Reason}");
        output.WriteLine();
        var table = new TextTable(">TRY", "OFFERING", ">COST", ">SECONDS", ">FIRST", "AVAILABILITY", "QUALITY", ">IN", ">CACHED", ">OUT", "STANDING", "FLOORS FAILED");
        foreach (var candidate in decision.Candidates)
        {
            table.Add(
                candidate.Place?.ToString(CultureInfo.InvariantCulture) ?? "-", candidate.Offering, candidate.CostNano is { } cost ? MoneyText.Format(cost, decision.Currency) : "?",
                Number(candidate.Seconds, "0.0"), Mark(Number(candidate.FirstContentSeconds, "0.00"), candidate, "first_content"), Share(candidate.Availability, candidate.AvailabilityMeasured),
                Share(candidate.Quality, candidate.QualityMeasured), Count(candidate.InputTokens), Count(candidate.CachedTokens), Mark(Count(candidate.OutputTokens), candidate, "output"),
                candidate.CanDoIt ? candidate.Standing : $"{candidate.Standing}, lacks a capability", Floors(candidate));
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine("* is the policy's prior: nothing was measured. Intervals are of 95 %; the figure before them has the prior blended in.");
        output.WriteLine(explanation.IsLive
            ? "Evidence: the running server's."
            : $"Evidence: scorecards as kept, and {Count(explanation.Attempts)} attempts of the last {RouteAdmin.EvidenceSpan.TotalHours:0} hours in the books; warm caches and where conversations are only the running server knows.");
    }

    public static void Write(TextWriter output, RouteReplay replay)
    {
        if (replay.Requests == 0)
        {
            output.WriteLine("No requests of this route are booked in that time.");
            return;
        }

        output.WriteLine($"{Count(replay.Requests)} requests, again under {replay.Policy}{(replay.Refused > 0 ? $"; {Count(replay.Refused)} would have been refused" : "")}");
        if (replay.IsCut && replay.FromMs is { } fromMs)
            output.WriteLine($"           since {DateTimeOffset.FromUnixTimeMilliseconds(fromMs):yyyy-MM-dd HH:mm'Z'} only: a replay looks at the newest {Count(RouteAdmin.AttemptsMax)} attempts");
        output.WriteLine($"cost       {Money(replay.CostNano, replay.Currency)} -> {Money(replay.ReplayedNano, replay.Currency)}");
        output.WriteLine($"first try  {Number(replay.FirstTry, "0.0000")} -> {Number(replay.FirstTryExpected, "0.0000")} expected");
        output.WriteLine();
        var table = new TextTable("OFFERING", ">WAS FIRST", ">BECOMES", ">SHARE", ">COST");
        foreach (var share in replay.Offerings)
        {
            table.Add(
                share.Offering, Count(share.Was), Count(share.Becomes), Number(share.Becomes * 100.0 / Math.Max(1, replay.Requests - replay.Refused), "0.0") + " %",
                Money(share.ReplayedNano, replay.Currency));
        }

        table.Write(output);
    }

    public static void Write(TextWriter output, RouterVerdict verdict)
    {
        output.WriteLine($"{Count(verdict.Questions)} questions; the weak model was right on {Number(verdict.Weak, "0.000")} of them, the strong one on {Number(verdict.Strong, "0.000")}");
        output.WriteLine();
        var table = new TextTable("WHO DECIDES", ">APGR", "");
        table.Add("chance", Number(verdict.Random, "0.000"), "");
        table.Add("prompt length", Number(verdict.Length, "0.000"), "");
        table.Add("learned router", Number(verdict.Learned, "0.000"), $"{Number(verdict.LearnedLow, "0.000")} to {Number(verdict.LearnedHigh, "0.000")} over 20 splits, each question judged by a router that has not seen it");
        table.Add("oracle", Number(verdict.Oracle, "0.000"), "");
        table.Write(output);
        output.WriteLine();
        output.WriteLine(verdict.MayBeUsed
            ? $"It beats prompt length in {Number(verdict.Wins * 100, "0")} % of the splits: it may be used on questions like these."
            : $"It beats prompt length in {Number(verdict.Wins * 100, "0")} % of the splits only: it stays off.");
    }

    private static string Floors(CandidateFacts candidate) =>
        candidate.FloorsFailed.Length == 0 ? "" : candidate.FloorsGivenUp > 0 ? $"{candidate.FloorsFailed} (given up)" : candidate.FloorsFailed;

    private static string Mark(string text, CandidateFacts candidate, string prior) => candidate.Priors.Contains(prior, StringComparison.Ordinal) ? text + "*" : text;

    private static string Share(double value, Estimate measured) =>
        measured.IsKnown ? $"{Number(value, "0.000")} [{Number(measured.Low, "0.000")}, {Number(measured.High, "0.000")}]" : Number(value, "0.000") + "*";

    private static string Money(long? nano, string currency) => nano is { } known ? MoneyText.Format(known, currency) : "?";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
