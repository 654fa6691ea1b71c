using System.CommandLine;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Catalogue;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Cli.Catalogue;

/// <summary><c>trivet catalogue price MODEL</c>: what a request costs at a time, leg by leg.</summary>
internal static class CataloguePriceVerb
{
    public static Command Build()
    {
        var name = new Argument<string>("MODEL") { Description = "vendor/model, or a model's name; with --upstream the upstream's name for it" }.RefusingOptions();
        var counts = Meters.All.Where(meter => meter != Meter.PerRequest).ToDictionary(meter => meter, CountOption);
        var at = new Option<string?>("--at") { Description = "When: 2026-08-17T10:00:00+08:00, 2026-11-01 or 24h ago (default: now)", HelpName = "TIME" };
        var tier = new Option<string>("--tier") { Description = "The tier of service that answered", DefaultValueFactory = _ => "standard" };
        tier.AcceptOnlyFromAmong("standard", "flex", "priority", "batch");
        var upstream = new Option<string?>("--upstream") { Description = "At what an upstream of the configuration charges (default: the vendor's list)", HelpName = "U" };
        var currency = new Option<string?>("--currency") { Description = "In which currency of the list, such as CNY (default: as the vendor bills)", HelpName = "C" };
        var site = new Option<string?>("--site") { Description = "At which site of the vendor, such as cn", HelpName = "S" };
        var command = new Command("price", "Explain what a request costs, meter by meter") { name, at, tier, upstream, currency, site, CommonOptions.Json };
        foreach (var option in counts.Values)
            command.Options.Add(option);
        command.SetAction(result =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Exit.Wrong;
            var when = context.Time.GetUtcNow();
            if (result.GetValue(at) is { } text && !TimeText.TryParseSince(text, when, out when))
                return context.Wrong($"--at {text}: write {TimeText.Forms}.");
            if (counts.Values.Any(option => result.GetValue(option) < 0))
                return context.Wrong("A count is not negative.");
            var used = Used(meter => result.GetValue(counts[meter]));
            var asked = new PriceQuestion(result.GetRequiredValue(name), used, when, ServiceTiers.Parse(result.GetValue(tier)));
            return result.GetValue(upstream) is { } at1
                ? AtUpstream(context, config, asked, at1)
                : ByList(context, config, asked, result.GetValue(site), result.GetValue(currency)?.ToUpperInvariant());
        });
        return command;
    }

    private static Option<long> CountOption(Meter meter)
    {
        var (name, description) = meter switch
        {
            Meter.Input => ("--input", "Prompt tokens that no cache served"),
            Meter.CacheRead => ("--cached", "Prompt tokens read from a cache, beside --input"),
            Meter.CacheWrite5m => ("--cache-write-5m", "Prompt tokens written to a cache for five minutes"),
            Meter.CacheWrite1h => ("--cache-write-1h", "Prompt tokens written to a cache for an hour"),
            Meter.Output => ("--output", "Answer tokens"),
            Meter.Reasoning => ("--reasoning", "Tokens of thoughts, beside --output"),
            Meter.Image => ("--image", "Tokens of images made"),
            Meter.AudioIn => ("--audio-in", "Tokens of sound in the prompt"),
            Meter.AudioOut => ("--audio-out", "Tokens of sound in the answer"),
            Meter.SearchCall => ("--searches", "Searches that the vendor does"),
            _ => throw new ArgumentOutOfRangeException(nameof(meter)),
        };
        return new Option<long>(name) { Description = description, HelpName = "N" };
    }

    private static MeterCounts Used(Func<Meter, long> count) => new()
    {
        Input = count(Meter.Input),
        CacheRead = count(Meter.CacheRead),
        CacheWrite5m = count(Meter.CacheWrite5m),
        CacheWrite1h = count(Meter.CacheWrite1h),
        Output = count(Meter.Output),
        Reasoning = count(Meter.Reasoning),
        Image = count(Meter.Image),
        AudioIn = count(Meter.AudioIn),
        AudioOut = count(Meter.AudioOut),
        SearchCalls = count(Meter.SearchCall),
        Requests = 1,
    };

    private static int AtUpstream(VerbContext context, GatewayConfig config, PriceQuestion asked, string upstream)
    {
        var snapshot = GatewaySnapshot.Compile(BuiltIn.WithPlace(config));
        if (!snapshot.TryGetUpstream(upstream, out _))
            return context.Wrong($"There is no upstream {upstream}. There are: {string.Join(", ", snapshot.Config.Upstreams.Select(known => known.Name))}");
        if (!snapshot.TryResolve($"{upstream}/{asked.Model}", out var route))
            return context.No($"{upstream} does not offer {asked.Model}.");
        var offering = route.Candidates[0];
        return Answer(context, snapshot.Prices, asked, $"{offering.Model} at {upstream}", offering.Price, []);
    }

    private static int ByList(VerbContext context, GatewayConfig config, PriceQuestion asked, string? site, string? currency)
    {
        var admin = new CatalogueAdmin(config.Catalogue);
        var models = admin.Find(asked.Model);
        if (models.Count == 0)
            return context.No(CatalogueVerb.Unknown(asked.Model));
        var model = models[0];
        var others = site is null && currency is null ? models.SelectMany(admin.ListPrices).Skip(1).ToList() : [];
        return Answer(context, new PriceBook(config.Fx), asked, model.QualifiedId, admin.ListPrice(model, site, currency), others);
    }

    private static int Answer(VerbContext context, PriceBook book, PriceQuestion asked, string what, OfferingPrice price, IReadOnlyList<OfferingPrice> others)
    {
        var explained = book.Explain(price, asked.Used, asked.When, asked.Tier);
        var elsewhere = others.Select(other => (Price: other, Quote: book.Price(other, asked.Used, asked.When, asked.Tier))).Where(other => other.Quote.IsComplete).ToList();
        if (context.Json)
            JsonOutput.Write(context.Output, json => PriceExplanationText.WriteJson(json, what, asked, price, explained, elsewhere));
        else
            PriceExplanationText.Write(context.Output, what, asked, price, explained, elsewhere);
        return explained.Quote.IsComplete ? Exit.Done : Exit.No;
    }
}

/// <summary>What is to be priced.</summary>
/// <param name="Model">As typed.</param>
/// <param name="Used">How much of what.</param>
/// <param name="When">When it was asked.</param>
/// <param name="Tier">The tier that answered.</param>
internal sealed record PriceQuestion(string Model, MeterCounts Used, DateTimeOffset When, ServiceTier Tier);
