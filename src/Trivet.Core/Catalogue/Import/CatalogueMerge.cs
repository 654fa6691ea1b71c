namespace Trivet.Core.Catalogue.Import;

/// <summary>Puts what several files say of one model together: what an earlier one says stays, a later one fills in what it does not know.</summary>
internal static class CatalogueMerge
{
    /// <summary>Adds what <paramref name="more"/> knows and <paramref name="model"/> does not.</summary>
    public static CatalogueModel Fill(CatalogueModel model, CatalogueModel more) => model with
    {
        DisplayName = model.DisplayName.Length > 0 ? model.DisplayName : more.DisplayName,
        Aliases = [.. model.Aliases.Concat(more.Aliases).Distinct(StringComparer.OrdinalIgnoreCase).Where(alias => !alias.Equals(model.Id, StringComparison.OrdinalIgnoreCase))],
        ContextTokensMax = model.ContextTokensMax ?? more.ContextTokensMax,
        OutputTokensMax = model.OutputTokensMax ?? more.OutputTokensMax,
        InputModalities = model.InputModalities.Count > 0 ? model.InputModalities : more.InputModalities,
        OutputModalities = model.OutputModalities.Count > 0 ? model.OutputModalities : more.OutputModalities,
        Reasoning = model.Reasoning ?? more.Reasoning,
        Tools = model.Tools ?? more.Tools,
        StructuredOutput = model.StructuredOutput ?? more.StructuredOutput,
        OpenWeights = model.OpenWeights ?? more.OpenWeights,
        Released = model.Released ?? more.Released,
        Knowledge = model.Knowledge ?? more.Knowledge,
        IsDeprecated = model.IsDeprecated || more.IsDeprecated,
        RetiredOn = model.RetiredOn ?? more.RetiredOn,
        Prices = Fill(model.Prices, more.Prices),
    };

    /// <summary>
    /// Records for other tiers are added; to one for the same the meters are added that it lacks, where both agree on the price of the prompt and the answer,
    /// step by step: a rate of another list would not belong to it.
    /// </summary>
    private static List<PriceRecord> Fill(IReadOnlyList<PriceRecord> records, IReadOnlyList<PriceRecord> more)
    {
        var merged = records.ToList();
        foreach (var record in more)
        {
            var same = merged.FindIndex(known => known.Currency == record.Currency && known.Site == record.Site && known.Tier == record.Tier);
            if (same < 0)
            {
                // A cheaper tier belongs to its own list: beside other prices as usual it would be somebody else's.
                var usual = merged.Find(known => known.Currency == record.Currency && known.Site == record.Site && known.Tier == ServiceTier.Standard);
                var theirs = more.FirstOrDefault(known => known.Site == record.Site && known.Tier == ServiceTier.Standard);
                if (usual is null ? records.Count == 0 : theirs is not null && Agrees(usual, theirs))
                    merged.Add(record);
            }
            else if (merged[same].Schedule is null && merged[same].Steps.Count == 1 && record.Steps.Count > 1 && AgreesAtFirst(merged[same], record))
            {
                // It knows of longer prompts what the earlier one does not.
                var first = merged[same].Steps[0].Rates;
                merged[same] = record.With([.. record.Steps.Select((step, i) => i == 0 ? step with { Rates = Fill(step.Rates, first) } : step)]);
            }
            else if (merged[same].Schedule is null && Agrees(merged[same], record))
            {
                merged[same] = FillMeters(merged[same], record);
            }
        }

        return merged;
    }

    /// <summary>A record with the meters that it lacks, of one that agrees with it in tokens.</summary>
    internal static PriceRecord FillMeters(PriceRecord record, PriceRecord more) =>
        record.With([.. record.Steps.Select((step, i) => step with { Rates = Fill(step.Rates, more.Steps[i].Rates) })]);

    /// <summary>Whether two records have the same steps and in each the same price of the prompt and of the answer, whenever they hold.</summary>
    internal static bool AgreesInTokens(PriceRecord one, PriceRecord other) =>
        one.Steps.Count == other.Steps.Count
        && one.Steps.Zip(other.Steps).All(pair => pair.First.InputMax == pair.Second.InputMax && pair.First.Rates.InputPico == pair.Second.Rates.InputPico && pair.First.Rates.OutputPico == pair.Second.Rates.OutputPico);

    private static bool Agrees(PriceRecord one, PriceRecord other) => one.ValidFrom == other.ValidFrom && one.ValidTo == other.ValidTo && AgreesInTokens(one, other);

    private static bool AgreesAtFirst(PriceRecord one, PriceRecord other) =>
        one.ValidFrom == other.ValidFrom && one.ValidTo == other.ValidTo
        && one.Steps[0].Rates.InputPico == other.Steps[0].Rates.InputPico && one.Steps[0].Rates.OutputPico == other.Steps[0].Rates.OutputPico;

    private static MeterRates Fill(MeterRates rates, MeterRates more) => Meters.All.Aggregate(rates, (all, meter) => all.Written(meter) is null ? all.With(meter, more.Written(meter)) : all);
}
