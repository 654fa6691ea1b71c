using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Catalogue.Import;

namespace Trivet.Server.Cli.Catalogue;

/// <summary><c>trivet catalogue import FILE…</c>: says what others' catalogues would change, and with <c>--apply</c> changes it.</summary>
internal static class CatalogueImportVerb
{
    public static Command Build()
    {
        var files = new Argument<string[]>("FILE") { Description = "JSON of models.dev, genai-prices or LiteLLM, told by its content. Of several the first counts, the others fill in what it does not know", Arity = ArgumentArity.OneOrMore };
        var apply = new Option<bool>("--apply") { Description = "Write the changes to the data directory's catalogue folder, over what comes with Trivet" };
        var vendor = new Option<string?>("--vendor") { Description = "One vendor only", HelpName = "V" };
        var fill = new Option<string[]>("--fill") { Description = "One more file that brings no models: it only adds to those that the others have", HelpName = "FILE" };
        var checkedOn = new Option<string?>("--checked") { Description = "The day the files are of (default: today)", HelpName = "DATE" };
        var command = new Command("import", "Show what others' catalogues would change, and take it over") { files, apply, vendor, fill, checkedOn, CommonOptions.Json };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Exit.Wrong;
            var day = DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime);
            if (result.GetValue(checkedOn) is { } text && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
                return context.Wrong($"--checked {text}: write a date such as 2026-11-30.");
            var import = new CatalogueImport();
            var all = result.GetRequiredValue(files).Select(file => (File: file, OnlyFills: false)).Concat((result.GetValue(fill) ?? []).Select(file => (File: file, OnlyFills: true)));
            foreach (var (file, onlyFills) in all)
            {
                if (Read(import, file, day, onlyFills) is { } problem)
                    return context.Wrong(problem);
            }

            var changes = import.Against(config.Catalogue).Where(change => result.GetValue(vendor) is not { } only || change.Model.Vendor == only).ToList();
            var written = result.GetValue(apply) ? new CatalogueAdmin(config.Catalogue).Apply(context.CatalogueFolder(config), changes) : [];
            if (context.Json)
                return JsonOutput.Write(context.Output, json => WriteJson(json, import, changes, written));
            Print(context.Output, import, changes, written, result.GetValue(apply));
            return Exit.Done;
        });
        return command;
    }

    private static string? Read(CatalogueImport import, string file, DateOnly day, bool onlyFills)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return import.Add(stream, file, day, onlyFills);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot read {file}: {exception.Message}";
        }
    }

    private static void Print(TextWriter output, CatalogueImport import, List<CatalogueChange> changes, IReadOnlyList<string> written, bool isApplied)
    {
        foreach (var change in changes)
        {
            output.WriteLine(change.Model.QualifiedId);
            foreach (var line in change.Changes)
                output.WriteLine($"  {(change.Before is null ? "+" : "~")} {line}");
            foreach (var line in change.Kept)
                output.WriteLine($"  = {line}");
        }

        var (fresh, changed) = (changes.Count(change => change.IsChange && change.Before is null), changes.Count(change => change.IsChange && change.Before is not null));
        output.WriteLine($"{import.Models.Count} models read: {fresh} new, {changed} changed, {changes.Count(change => change.Kept.Count > 0)} with prices that are not taken.");
        foreach (var path in written)
            output.WriteLine($"wrote {path}");
        if (!isApplied && fresh + changed > 0)
            output.WriteLine("Nothing was changed. --apply changes it.");
    }

    private static void WriteJson(Utf8JsonWriter json, CatalogueImport import, List<CatalogueChange> changes, IReadOnlyList<string> written)
    {
        json.WriteStartObject();
        json.WriteNumber("models_read", import.Models.Count);
        json.WriteStartArray("changes");
        foreach (var change in changes)
        {
            json.WriteStartObject();
            json.WriteString("vendor", change.Model.Vendor);
            json.WriteString("model", change.Model.Id);
            json.WriteBoolean("new", change.Before is null);
            json.WriteStrings("changes", change.Changes);
            json.WriteStrings("kept", change.Kept);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStrings("written", written);
        json.WriteEndObject();
    }
}
