using System.CommandLine;
using System.Text.Json;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Cli.Upstreams;

/// <summary><c>trivet models</c>: what clients may ask for, and who would answer.</summary>
internal static class ModelsVerb
{
    public static Command Build()
    {
        var aliases = new Option<bool>("--all") { Description = "Also the second names under which Claude Code lists models of other vendors" };
        var command = new Command("models", "List the models that clients may ask for, and who answers") { aliases, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            var snapshot = GatewaySnapshot.Compile(await ConsoleMade.MergeAsync(context, BuiltIn.WithPlace(config), stopping));
            var models = snapshot.Models.Where(model => !model.IsDiscoveryAlias || result.GetValue(aliases)).ToList();
            if (context.Json)
                return JsonOutput.Write(context.Output, json => WriteJson(json, snapshot, models));
            var table = new TextTable("MODEL", "ANSWERED BY", "POLICY");
            foreach (var model in models)
            {
                if (snapshot.TryResolve(model.Id, out var route))
                    table.Add(model.Id, string.Join(route.Policy == "weighted" ? " | " : " → ", route.Candidates.Select(candidate => candidate.Id)), route.Candidates.Length > 1 ? route.Policy : "");
            }

            table.Write(context.Output);
            foreach (var open in snapshot.Config.Upstreams.Where(upstream => upstream.Enabled && upstream.Models.Contains("*")))
                context.Output.WriteLine($"and any other model of {open.Name}, as {open.Name}/MODEL");
            return Exit.Done;
        });
        return command;
    }

    private static void WriteJson(Utf8JsonWriter json, GatewaySnapshot snapshot, List<ListedModel> models)
    {
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (var model in models)
        {
            if (!snapshot.TryResolve(model.Id, out var route))
                continue;
            json.WriteStartObject();
            json.WriteString("id", model.Id);
            json.WriteString("display_name", model.DisplayName);
            json.WriteBoolean("discovery_alias", model.IsDiscoveryAlias);
            json.WriteString("policy", route.Policy);
            json.WriteStrings("candidates", route.Candidates.Select(candidate => candidate.Id));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
