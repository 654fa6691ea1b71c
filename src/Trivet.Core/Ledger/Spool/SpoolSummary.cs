namespace Trivet.Core.Ledger.Spool;

/// <summary>What lies in a spool's folder, for people; read beside a server that may be running on it, without touching anything.</summary>
/// <param name="Segments">Files that hold records, or are ready to.</param>
/// <param name="WaitingBytes">Bytes of records in them. A running server deletes a segment only when all of it is in the database, so some megabytes are usual.</param>
/// <param name="SetAsideFiles">Records that could not be read or that the database refused.</param>
public sealed record SpoolSummary(int Segments, long WaitingBytes, IReadOnlyList<string> SetAsideFiles)
{
    /// <summary>Looks into a folder.</summary>
    public static SpoolSummary Read(string directory)
    {
        var files = Directory.GetFiles(directory);
        var segments = files.Where(file => file.EndsWith(SpoolSegment.Extension, StringComparison.Ordinal)).ToList();
        return new SpoolSummary(
            segments.Count,
            segments.Sum(file => new FileInfo(file) is { Exists: true } info ? info.Length : 0),
            [.. files.Where(file => file.EndsWith(".damaged", StringComparison.Ordinal) || file.EndsWith(".frames", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);
    }
}
