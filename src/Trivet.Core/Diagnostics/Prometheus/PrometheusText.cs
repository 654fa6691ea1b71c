using System.Globalization;
using System.Text;

namespace Trivet.Core.Diagnostics.Prometheus;

/// <summary>Names and values of the text format, made from OpenTelemetry's as its specification of Prometheus compatibility says.</summary>
internal static class PrometheusText
{
    /// <summary><c>gen_ai.client.operation.duration</c> in <c>s</c> becomes <c>gen_ai_client_operation_duration_seconds</c>; counters end in <c>_total</c>.</summary>
    public static string Name(string name, string? unit, bool isCounter)
    {
        var text = LabelName(name);
        var word = unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "1" when !isCounter => "ratio",
            _ => "", // {things} are not part of a name
        };
        if (word.Length > 0 && !text.EndsWith("_" + word, StringComparison.Ordinal))
            text += "_" + word;
        return isCounter && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    public static string LabelName(string name)
    {
        var text = new StringBuilder(name);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]))
                text[i] = '_';
        }

        return text.ToString();
    }

    public static string LabelValue(object? value) =>
        (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string Help(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
