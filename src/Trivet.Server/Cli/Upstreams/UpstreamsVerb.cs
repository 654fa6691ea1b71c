using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Sandbox;

namespace Trivet.Server.Cli.Upstreams;

/// <summary><c>trivet upstreams list|check|balance|scorecard</c>: what is configured, whether it answers, how its accounts stand, what traffic has shown of it.</summary>
internal static class UpstreamsVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Build() => new("upstreams", "Show the upstreams, and check that they answer") { List(), Check(), UpstreamsBalance.Build(), UpstreamsScorecard.Build() };

    private static Command List()
    {
        var command = new Command("list", "List upstreams as configured, without asking them") { CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            var upstreams = BuiltIn.WithPlace(await ConsoleMade.MergeAsync(context, config, stopping)).Upstreams;
            if (context.Json)
                return JsonOutput.Write(context.Output, json => WriteList(json, upstreams));
            var table = new TextTable("NAME", "VENDOR", "PROTOCOLS", "ADDRESS", ">KEYS", "MODELS", "STATE");
            foreach (var upstream in upstreams)
            {
                table.Add(
                    upstream.Name, upstream.Profile.DisplayName, string.Join(", ", upstream.Endpoints.Select(endpoint => endpoint.Protocol.Name())),
                    BuiltIn.Is(upstream) ? "(built in)" : upstream.Endpoints.Count > 0 ? upstream.Endpoints[0].BaseUri.Authority : "",
                    upstream.Credentials.Count.ToString(CultureInfo.InvariantCulture), BuiltIn.Short(upstream.Models), (upstream.Enabled ? "enabled" : "disabled") + (upstream.IsOfConsole ? ", of the console" : ""));
            }

            table.Write(context.Output);
            return Exit.Done;
        });
        return command;
    }

    private static Command Check()
    {
        var name = new Argument<string?>("NAME") { Description = "One upstream (default: all that are enabled)", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var model = new Option<string?>("--model") { Description = "The model to ask (default: the upstream's first)", HelpName = "M" };
        var command = new Command("check", "Ask each upstream one tiny real question; say what is wrong and how to mend it") { name, model, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            config = await ConsoleMade.MergeAsync(context, config, stopping);
            await using var sandbox = BuiltInSandbox.IsWanted(config) ? await SandboxServer.StartAsync(new SandboxOptions(), stopping) : null;
            if (sandbox is not null)
                config = BuiltInSandbox.Place(config, sandbox.Address);
            var wanted = result.GetValue(name);
            var upstreams = config.Upstreams.Where(upstream => wanted is null ? upstream.Enabled : upstream.Name == wanted).ToList();
            if (upstreams.Count == 0)
                return context.Wrong(wanted is null ? "No upstream is enabled." : $"There is no upstream {wanted}. There are: {string.Join(", ", config.Upstreams.Select(upstream => upstream.Name))}");

            var probe = new UpstreamProbe(context.Time);
            var checks = await Task.WhenAll(upstreams.Select(upstream => CheckAsync(probe, upstream, result.GetValue(model), stopping)));
            var lines = checks.SelectMany(check => check).ToList();
            if (context.Json)
                JsonOutput.Write(context.Output, json => WriteChecks(json, lines));
            else
                Print(context.Output, lines);
            return lines.TrueForAll(line => line.IsGood) ? Exit.Done : Exit.No;
        });
        return command;
    }

    // Every protocol with the first credential, and every further credential once.
    private static async Task<List<CheckLine>> CheckAsync(UpstreamProbe probe, UpstreamConfig upstream, string? model, CancellationToken stopping)
    {
        var lines = new List<CheckLine>();
        var deadlines = upstream.Deadlines;
        var patient = upstream with { Deadlines = deadlines with { FirstContent = Shorter(deadlines.FirstContent), Total = Shorter(deadlines.Total), Headers = null } };
        var isFirst = true;
        foreach (var endpoint in upstream.Endpoints)
        {
            var first = upstream.Credentials.Count > 0 ? upstream.Credentials[0] : null;
            var asked = model ?? upstream.Models.FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal)) ?? await probe.FirstModelAsync(patient, endpoint, first, stopping);
            if (asked is null)
            {
                lines.Add(new CheckLine(upstream, endpoint, null, null, new UpstreamAdvice("No model to ask: the configuration names none, and the upstream lists none.", "Name one: trivet upstreams check " + upstream.Name + " --model M, or in 'models:'."), IsGood: false));
                continue;
            }

            foreach (var credential in isFirst && upstream.Credentials.Count > 1 ? upstream.Credentials.Cast<Credential?>() : [first])
            {
                var answer = await probe.AskAsync(patient, endpoint, credential, asked, stopping);
                lines.Add(new CheckLine(upstream, endpoint, asked, answer, UpstreamAdvice.For(answer), answer.Failure is null));
            }

            isFirst = false;
        }

        return lines;
    }

    private static TimeSpan Shorter(TimeSpan deadline) => deadline < Patience ? deadline : Patience;

    private static void Print(TextWriter output, List<CheckLine> lines)
    {
        foreach (var line in lines)
        {
            var mark = line.Probe is null && line.IsGood ? "skip" : line.IsGood ? "ok  " : "FAIL";
            var credential = line.Probe?.CredentialId is { } id && line.Upstream.Credentials.Count > 1 ? $" as {id}" : "";
            output.WriteLine($"{mark}  {line.Upstream.Name}  {line.Endpoint.Protocol.Name()}{(line.Model is null ? "" : $"  {line.Model}")}{credential}{Answered(line)}");
            if (line.Advice is not { } advice)
                continue;
            output.WriteLine($"      {advice.Problem}");
            if (advice.Remedy.Length > 0)
                output.WriteLine($"      → {advice.Remedy}");
        }
    }

    private static string Answered(CheckLine line) => line.Probe is { Failure: null } probe
        ? $"  answered in {probe.Duration.TotalMilliseconds.ToString("#,0", CultureInfo.InvariantCulture)} ms{(probe.ModelAnswered.Length > 0 && probe.ModelAnswered != line.Model ? $" by {probe.ModelAnswered}" : "")}{(probe.Usage is { IsEstimate: false } usage ? $", {usage.InputTotal} + {usage.OutputTotal} tokens" : "")}"
        : "";

    private static void WriteChecks(Utf8JsonWriter json, List<CheckLine> lines)
    {
        json.WriteStartObject();
        json.WriteStartArray("checks");
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("upstream", line.Upstream.Name);
            json.WriteString("protocol", line.Endpoint.Protocol.Name());
            json.WriteString("model", line.Model);
            json.WriteString("credential_id", line.Probe?.CredentialId);
            json.WriteString("outcome", line.Probe is null && line.IsGood ? "skipped" : line.IsGood ? "ok" : "failed");
            json.WriteString("failure_code", line.Probe?.Failure?.Rule.Code);
            json.WriteNumberOrNull("http_status", line.Probe is { HttpStatus: > 0 } answered ? answered.HttpStatus : null);
            json.WriteNumberOrNull("duration_ms", (long?)line.Probe?.Duration.TotalMilliseconds);
            json.WriteString("model_answered", line.Probe?.ModelAnswered);
            json.WriteString("problem", line.Advice?.Problem);
            json.WriteString("remedy", line.Advice?.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<UpstreamConfig> upstreams)
    {
        json.WriteStartObject();
        json.WriteStartArray("upstreams");
        foreach (var upstream in upstreams)
        {
            json.WriteStartObject();
            json.WriteString("name", upstream.Name);
            json.WriteString("vendor", upstream.Vendor);
            json.WriteBoolean("enabled", upstream.Enabled);
            json.WriteBoolean("of_console", upstream.IsOfConsole);
            json.WriteStartObject("endpoints");
            foreach (var endpoint in upstream.Endpoints)
                json.WriteString(endpoint.Protocol.Name(), BuiltIn.Is(upstream) ? "built in" : BuiltIn.Shown(endpoint.BaseUri));
            json.WriteEndObject();
            json.WriteStrings("credentials", upstream.Credentials.Select(credential => credential.Id));
            json.WriteStrings("models", upstream.Models);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One line of a check.</summary>
    private sealed record CheckLine(UpstreamConfig Upstream, EndpointConfig Endpoint, string? Model, ProbeResult? Probe, UpstreamAdvice? Advice, bool IsGood);
}
