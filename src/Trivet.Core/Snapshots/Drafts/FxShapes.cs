using System.Globalization;
using Trivet.Core.Catalogue;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>Rates of exchange as written: in the configuration, and in a file of lines <c>date,from,to,rate</c> that somebody else keeps up to date.</summary>
internal static class FxShapes
{
    // A rate as nano-units of the one currency for a unit of the other.
    private const int RatePlaces = 9;

    /// <summary>The keys of <c>fx:</c>.</summary>
    public static ObjectShape<FxDraft> Keys()
    {
        var pair = new ScalarShape<(string From, string To)>("a pair such as USD/CNY", text => (TryPair(text, out var value), value), () => new() { ["type"] = "string" });
        var rate = new ObjectShape<FxRate>(() => new FxRate("", "", 0, default, "trivet.yaml"))
            .Key("pair", "USD/CNY: how many CNY a USD is worth.", pair, (value, read) => value with { From = read.From, To = read.To }, required: true)
            .Key("rate", "How many.", Shapes.Decimal(RatePlaces), (value, read) => value with { RateNano = read }, required: true)
            .Key("since", "From which day (UTC).", Shapes.Date, (value, read) => value with { Since = read }, required: true);
        return new ObjectShape<FxDraft>(() => new FxDraft())
            .Key("rates", "Dated rates; each holds until the next of its pair.", new ListShape<FxRate>(rate), (draft, value) => draft with { Rates = value })
            .Key("file", "A CSV file of date,from,to,rate.", new PlacedShape<string>(Shapes.Text), (draft, value) => draft with { File = value });
    }

    /// <summary>The rates, those of the file first so that the configuration's own win on the same day.</summary>
    public static FxRates Build(FxDraft draft, string folder, ReadContext context)
    {
        var rates = new List<FxRate>();
        if (draft.File is { } file)
            ReadFile(file, folder, rates, context);
        rates.AddRange(draft.Rates);
        return rates.Count == 0 ? FxRates.None : new FxRates(rates);
    }

    private static void ReadFile(Placed<string> file, string folder, List<FxRate> rates, ReadContext context)
    {
        var path = Path.GetFullPath(Path.Combine(folder, file.Value));
        try
        {
            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                var cells = line.Split(',', StringSplitOptions.TrimEntries);
                if (line.Length == 0 || line[0] == '#' || (number == 1 && cells[0].Equals("date", StringComparison.OrdinalIgnoreCase)))
                    continue;
                if (cells.Length >= 4 && Shapes.TryDate(cells[0], out var since) && TryPair($"{cells[1]}/{cells[2]}", out var pair) && Shapes.TryDecimal(cells[3], RatePlaces, out var nano) && nano > 0)
                    rates.Add(new FxRate(pair.From, pair.To, nano, since, Path.GetFileName(path)));
                else
                    context.Problem(file.Place, string.Create(CultureInfo.InvariantCulture, $"{path}: line {number} is not date,from,to,rate such as 2026-11-30,USD,CNY,7.12"));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            context.Problem(file.Place, $"{file.Place}: cannot read {path}: {exception.Message}");
        }
    }

    private static bool TryPair(string text, out (string From, string To) pair)
    {
        pair = default;
        var codes = text.Split('/');
        if (codes.Length != 2 || codes[0] == codes[1] || !Array.TrueForAll(codes, code => code.Length == 3 && code.All(char.IsAsciiLetterUpper)))
            return false;
        pair = (codes[0], codes[1]);
        return true;
    }
}
