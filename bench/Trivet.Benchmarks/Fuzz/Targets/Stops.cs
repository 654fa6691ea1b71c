using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>Stop sequences that the seeds' texts meet now and then.</summary>
internal static class Stops
{
    public static IReadOnlyList<JsonText> Some { get; } = [.. new[] { "\"ll\"", "\"STOP\"", "\"\\n\"", "\"😀\"", "\"\\ud83d\\ude00\"" }.Select(token => JsonText.FromToken(Encoding.UTF8.GetBytes(token)))];
}
