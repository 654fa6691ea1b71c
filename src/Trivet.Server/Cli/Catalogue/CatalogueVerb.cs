using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Catalogue;

namespace Trivet.Server.Cli.Catalogue;

/// <summary><c>trivet catalogue list|show|price|import</c>: the models and list prices that Trivet knows.</summary>
internal static class CatalogueVerb
{
    public static Command Build() => new("catalogue", "Show the models and prices that Trivet knows, explain a price, take over others' catalogues")
    {
        List(), Show(), CataloguePriceVerb.Build(), CatalogueImportVerb.Build(),
    };

    private static Command List()
    {
        var text = new Argument<string?>("TEXT") { Description = "What the model's name holds (default: all)", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var vendor = new Option<string?>("--vendor") { Description = "One vendor only", HelpName = "V" };
        var command = new Command("list", "List models with their limits and what they cost now") { text, vendor, CommonOptions.Json };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Exit.Wrong;
            var admin = new CatalogueAdmin(config.Catalogue);
            if (result.GetValue(vendor) is { } name && config.Catalogue.Find(name) is null)
                return context.Wrong($"The catalogue has no vendor '{name}'. It has: {string.Join(", ", config.Catalogue.VendorNames)}");
            var models = admin.List(result.GetValue(vendor), result.GetValue(text)).ToList();
            foreach (var problem in config.Catalogue.Problems)
                context.Error.WriteLine(problem);
            if (context.Json)
                return JsonOutput.Write(context.Output, json => CatalogueJson.Write(json, models));

            var now = context.Time.GetUtcNow();
            var table = new TextTable("MODEL", ">CONTEXT", ">OUTPUT", "RELEASED", "NOW PER MILLION: INPUT / CACHED / OUTPUT");
            foreach (var model in models)
                table.Add(model.QualifiedId, Count(model.ContextTokensMax), Count(model.OutputTokensMax), Date(model), Now(admin.ListPrice(model, null, null), now));
            table.Write(context.Output);
            context.Output.WriteLine($"{Count(models.Count)} models of {Count(models.Select(model => model.Vendor).Distinct().Count())} vendors. ? is not known, which is not free.");
            return models.Count > 0 ? Exit.Done : Exit.No;
        });
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("MODEL") { Description = "vendor/model, or a model's name" }.RefusingOptions();
        var command = new Command("show", "Show all that is known of a model, and where it was read") { name, CommonOptions.Json };
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Exit.Wrong;
            var models = new CatalogueAdmin(config.Catalogue).Find(result.GetRequiredValue(name));
            if (models.Count == 0)
                return context.No(Unknown(result.GetRequiredValue(name)));
            if (context.Json)
                return JsonOutput.Write(context.Output, json => CatalogueJson.Write(json, models));
            foreach (var model in models)
                CatalogueText.Write(context.Output, model);
            return Exit.Done;
        });
        return command;
    }

    internal static string Unknown(string model) => $"The catalogue does not know {model}. 'trivet catalogue list TEXT' finds names that hold a text.";

    internal static string Count(long? value) => value?.ToString("#,0", CultureInfo.InvariantCulture) ?? "?";

    private static string Date(CatalogueModel model) => (model.Released?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "?") + (model.IsDeprecated ? " (deprecated)" : "");

    private static string Now(OfferingPrice price, DateTimeOffset now)
    {
        if (price.RecordAt(now, ServiceTier.Standard) is not { } record)
            return "?";
        var rates = record.Steps[0].Rates;
        return $"{Rate(Meter.Input)} / {Rate(Meter.CacheRead)} / {Rate(Meter.Output)} {record.Currency}{(record.Steps.Count > 1 ? ", more for longer ones" : "")}{(price.List.Any(other => other.Schedule is not null) ? ", by the hour" : "")}";

        string Rate(Meter meter) => rates.Written(meter) is { } pico ? RateText.Of(meter, pico) : "?";
    }
}
