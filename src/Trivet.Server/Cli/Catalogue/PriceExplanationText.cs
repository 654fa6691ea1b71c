using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Catalogue;

namespace Trivet.Server.Cli.Catalogue;

/// <summary>A price leg by leg, for people and for scripts.</summary>
internal static class PriceExplanationText
{
    public static void Write(TextWriter output, string what, PriceQuestion asked, OfferingPrice price, PriceExplanation explained, IReadOnlyList<(OfferingPrice Price, PriceQuote Quote)> elsewhere)
    {
        var quote = explained.Quote;
        output.WriteLine($"{what} at {asked.When.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)}");
        if (explained.Record is { } record)
        {
            var lengths = CatalogueText.Lengths(record, explained.StepIndex);
            output.WriteLine($"  list: {CatalogueText.Conditions(record)}{(lengths.Length > 0 ? $"; {lengths}" : "")}");
            output.WriteLine($"        {CatalogueText.Text(record.Source)}");
        }

        if (price.Own is not null)
            output.WriteLine($"  the operator's own rates, {price.Currency}");
        else if (price.IsPlan)
            output.WriteLine("  paid by a plan: nothing by the request");
        else if (quote.FactorMillionths is { } factor)
            output.WriteLine($"  the operator's factor: {factor / 1_000_000m:0.######} of the list");
        var currency = quote.Currency.Length > 0 ? quote.Currency : quote.ListCurrency;
        var table = new TextTable("METER", ">COUNT", ">RATE", ">AMOUNT");
        foreach (var line in explained.Lines)
        {
            var rate = line.RatePico is { } pico ? RateText.Of(line.Meter, pico) + (Meters.IsPerCall(line.Meter) ? " each" : " per M") : "?";
            table.Add(Meters.NameOf(line.Meter), CatalogueVerb.Count(line.Count), rate, (line.BilledNano ?? line.ListNano) is { } nano ? MoneyText.Format(nano, currency) : "?");
        }

        if (explained.Lines.Count > 0)
            table.Write(output);
        output.WriteLine($"  total {(quote.BilledNano is { } total ? MoneyText.Format(total, quote.Currency) : "?")}{(quote.Missing != 0 ? " and what is not priced" : "")}{(quote.Version.Length > 0 ? $"   price {quote.Version}" : "")}");
        if (quote.ListNano is { } list && (list != quote.BilledNano || quote.ListCurrency != quote.Currency))
            output.WriteLine($"  list  {MoneyText.Format(list, quote.ListCurrency)}");
        foreach (var note in explained.Notes)
            output.WriteLine($"  note: {note}");
        foreach (var other in elsewhere)
            output.WriteLine($"  also  {MoneyText.Format(other.Quote.BilledNano!.Value, other.Quote.Currency)} at {other.Price.Model!.QualifiedId}{(other.Price.List[0].Site is { } site ? $", site {site}" : "")}");
    }

    public static void WriteJson(Utf8JsonWriter json, string what, PriceQuestion asked, OfferingPrice price, PriceExplanation explained, IReadOnlyList<(OfferingPrice Price, PriceQuote Quote)> elsewhere)
    {
        var quote = explained.Quote;
        json.WriteStartObject();
        json.WriteString("model", price.Model?.QualifiedId ?? asked.Model);
        json.WriteString("of", what);
        json.WriteNumber("at_ms", asked.When.ToUnixTimeMilliseconds());
        json.WriteString("tier", asked.Tier.ToString().ToLowerInvariant());
        json.WriteBoolean("complete", quote.IsComplete);
        json.WriteString("currency", quote.Currency);
        json.WriteNumberOrNull("total_nano", quote.BilledNano);
        json.WriteString("total", quote.BilledNano is { } total ? MoneyText.Amount(total) : null);
        json.WriteString("price_version", quote.Version);
        json.WriteNumberOrNull("price_factor_millionths", quote.FactorMillionths);
        json.WriteString("list_currency", quote.ListCurrency);
        json.WriteNumberOrNull("list_nano", quote.ListNano);
        json.WriteStartArray("lines");
        foreach (var line in explained.Lines)
        {
            json.WriteStartObject();
            json.WriteString("meter", Meters.NameOf(line.Meter));
            json.WriteNumber("count", line.Count);
            json.WriteNumberOrNull("rate_pico", line.RatePico);
            json.WriteNumberOrNull("amount_nano", line.BilledNano);
            json.WriteNumberOrNull("list_nano", line.ListNano);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteRecord(json, explained);
        json.WriteStrings("notes", explained.Notes);
        json.WriteStartArray("elsewhere");
        foreach (var other in elsewhere)
        {
            json.WriteStartObject();
            json.WriteString("model", other.Price.Model!.QualifiedId);
            json.WriteString("site", other.Price.List[0].Site);
            json.WriteString("currency", other.Quote.Currency);
            json.WriteNumberOrNull("total_nano", other.Quote.BilledNano);
            json.WriteString("price_version", other.Quote.Version);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter json, PriceExplanation explained)
    {
        if (explained.Record is not { } record)
        {
            json.WriteNull("list");
            return;
        }

        json.WriteStartObject("list");
        json.WriteString("version", record.Version);
        json.WriteString("conditions", CatalogueText.Conditions(record));
        json.WriteString("lengths", CatalogueText.Lengths(record, explained.StepIndex));
        CatalogueJson.WriteRates(json, record.Steps[explained.StepIndex].Rates);
        json.WriteString("source", record.Source.Url);
        json.WriteString("checked", record.Source.Checked.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
