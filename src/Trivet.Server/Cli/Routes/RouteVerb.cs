using System.CommandLine;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Cli.Routes;

/// <summary><c>trivet route explain|replay|evaluate</c>: where requests go and why, what another policy would have made of the last ones, and whether a learned router earns its place.</summary>
internal static class RouteVerb
{
    public static Command Build() => new("route", "Say where requests go and why, and what another policy would change") { Explain(), Replay(), Evaluate() };

    private static Command Explain()
    {
        var model = new Argument<string>("MODEL") { Description = "The name that a client asks for" }.RefusingOptions();
        var policy = new Option<string?>("--policy") { Description = "A preset or one of 'policies:' (default: the route's own)", HelpName = "P" };
        var prompt = new Option<long>("--prompt-tokens") { Description = "Tokens of the prompt", HelpName = "N", DefaultValueFactory = _ => 1000 };
        var answer = new Option<long?>("--answer-tokens") { Description = "The most that the answer may have (default: not said)", HelpName = "N" };
        var task = new Option<RequestTask>("--task") { Description = "What it is for", HelpName = "TASK", CustomParser = RouteText.ParseTask, DefaultValueFactory = _ => RequestTask.Chat };
        var command = new Command("explain", "Explain a decision: candidates, floors, expected cost and time, quality, the winner and its margin") { model, policy, prompt, answer, task, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            if (result.GetValue(prompt) < 0 || result.GetValue(answer) < 1)
                return Task.FromResult(context.Wrong("--prompt-tokens and --answer-tokens want numbers above 0."));
            var ask = new RouteAsk(result.GetRequiredValue(model)) { Policy = result.GetValue(policy), PromptTokens = result.GetValue(prompt), MaxOutputTokens = result.GetValue(answer), Task = result.GetValue(task) };
            return WithRoutesAsync(
                context,
                async routes =>
                {
                    var read = await routes.ExplainAsync(ask, stopping);
                    if (read.Fault is { } fault)
                        return context.No(fault);
                    if (read.Value.Decision is not { } decision)
                        return context.Wrong(read.Value.Problem!);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => RouteJson.Write(json, read.Value));
                    RouteText.Write(context.Output, read.Value);
                    return decision.Candidates.Any(candidate => candidate.Place is not null) ? Exit.Done : Exit.No;
                },
                stopping);
        });
        return command;
    }

    private static Command Replay()
    {
        var model = new Argument<string>("MODEL") { Description = "The route, as clients ask for it" }.RefusingOptions();
        var policy = new Option<string>("--policy") { Description = "A preset or one of 'policies:'", HelpName = "P", Required = true };
        var since = new Option<string>("--since") { Description = $"From when on: {TimeText.Forms}", HelpName = "TIME", DefaultValueFactory = _ => "24h" };
        var command = new Command("replay", "Play the last requests of a route again under a policy: cost, shares, first tries") { model, policy, since, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!TimeText.TryParseSince(result.GetRequiredValue(since), context.Time.GetUtcNow(), out var from))
                return Task.FromResult(context.Wrong($"--since {result.GetValue(since)}: write {TimeText.Forms}."));
            return WithRoutesAsync(
                context,
                async routes =>
                {
                    var read = await routes.ReplayAsync(result.GetRequiredValue(model), result.GetRequiredValue(policy), from, stopping);
                    if (read.Fault is { } fault)
                        return context.No(fault);
                    if (read.Value.Replay is not { } replay)
                        return context.Wrong(read.Value.Problem!);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => RouteJson.Write(json, replay));
                    RouteText.Write(context.Output, replay);
                    return Exit.Done;
                },
                stopping);
        });
        return command;
    }

    private static Command Evaluate()
    {
        var file = new Argument<FileInfo>("CSV") { Description = "question, whether the weak model was right, whether the strong one was; a heading first" };
        var seed = new Option<int>("--seed") { Description = "Of the splits", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new Command("evaluate", "Judge the learned difficulty router on graded questions, beside prompt length and chance") { file, seed, CommonOptions.Json };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            var path = result.GetRequiredValue(file);
            if (!path.Exists)
                return context.Wrong($"There is no file {path.FullName}.");
            using var text = RouteText.Open(path);
            if (DifficultyAdmin.Evaluate(text, result.GetValue(seed), out var problem) is not { } verdict)
                return context.Wrong($"{path.Name}: {problem}.");
            if (context.Json)
                JsonOutput.Write(context.Output, json => RouteJson.Write(json, verdict));
            else
                RouteText.Write(context.Output, verdict);
            return verdict.MayBeUsed ? Exit.Done : Exit.No;
        });
        return command;
    }

    private static async Task<int> WithRoutesAsync(VerbContext context, Func<RouteAdmin, Task<int>> work, CancellationToken stopping)
    {
        if (!context.TryReadConfig(out var config, needsSecrets: false))
            return Exit.Wrong;
        var snapshot = GatewaySnapshot.Compile(await ConsoleMade.MergeAsync(context, BuiltIn.WithPlace(config), stopping));
        return await context.WithDatabaseAsync(database => work(new RouteAdmin(() => snapshot, database.AttemptLog, context.Time, database.Scorecards)), mayCreate: false, stopping);
    }
}
