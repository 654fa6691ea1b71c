using System.Globalization;
using System.Text.Json;
using Trivet.Core.Audits.Statistics;

namespace Trivet.Benchmarks.Evidence;

/// <summary>One measured number: what, its 95 % interval where it has one, and what it is held against.</summary>
internal sealed record EvidenceRow(string What, string Case, double Value)
{
    public double? Low { get; init; }

    public double? High { get; init; }

    public string? Target { get; init; }

    /// <summary>Null where nothing is asked of it.</summary>
    public bool? Met { get; init; }

    /// <summary>A rate, with Clopper and Pearson's interval.</summary>
    public static EvidenceRow Rate(string what, string name, int successes, int trials)
    {
        var interval = ProportionInterval.ClopperPearson(successes, trials);
        return new EvidenceRow(what, name, (double)successes / trials) { Low = interval.Low, High = interval.High };
    }

    public EvidenceRow AtLeast(double target) => this with { Target = string.Create(CultureInfo.InvariantCulture, $"≥ {target}"), Met = Value >= target };

    public EvidenceRow AtMost(double target) => this with { Target = string.Create(CultureInfo.InvariantCulture, $"≤ {target}"), Met = Value <= target };
}

/// <summary>Prints rows as they come, and writes them all as JSON.</summary>
internal sealed class EvidenceReport
{
    private readonly List<EvidenceRow> _rows = [];

    public bool IsMet => _rows.TrueForAll(row => row.Met != false);

    public void Add(EvidenceRow row)
    {
        _rows.Add(row);
        var interval = row.Low is null ? "" : $"[{Text(row.Low.Value)}, {Text(row.High!.Value)}]";
        var held = row.Met is null ? "" : $"{row.Target}  {(row.Met.Value ? "met" : "NOT MET")}";
        Console.WriteLine($"{row.What,-9} {row.Case,-72} {Text(row.Value),8}  {interval,-16}  {held}".TrimEnd());
    }

    public void WriteJson(string file)
    {
        using var json = new Utf8JsonWriter(File.Create(file), new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var row in _rows)
        {
            json.WriteStartObject();
            json.WriteString("what", row.What);
            json.WriteString("case", row.Case);
            json.WriteNumber("value", row.Value);
            Write(json, "low", row.Low);
            Write(json, "high", row.High);
            json.WriteString("target", row.Target);
            if (row.Met is { } met)
                json.WriteBoolean("met", met);
            else
                json.WriteNull("met");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
