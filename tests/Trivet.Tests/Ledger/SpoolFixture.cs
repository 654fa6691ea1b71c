using System.Text;
using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;

namespace Trivet.Tests.Ledger;

/// <summary>A spool in a directory of its own, with a sink that remembers.</summary>
internal sealed class SpoolFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("trivet-spool-").FullName;
    private readonly List<IDisposable> _opened = [];
    private int _copies;

    public ManualTime Time { get; } = new();

    public FakeSink Sink { get; } = new();

    public RecordingLogger<FileSpool> SpoolLog { get; } = new();

    public RecordingLogger<SpoolWriterLoop> LoopLog { get; } = new();

    public string DefaultDirectory => Path.Combine(_root, "spool");

    public FileSpool Open(string? directory = null, int segmentBytes = 64 * 1024, long bytesMax = long.MaxValue, int batchRecordsMax = 10)
    {
        var options = new SpoolOptions
        {
            Directory = directory ?? DefaultDirectory,
            SegmentBytes = segmentBytes,
            BytesMax = bytesMax,
            BatchRecordsMax = batchRecordsMax,
        };
        var spool = new FileSpool(options, SpoolLog);
        _opened.Add(spool);
        return spool;
    }

    public SpoolWriterLoop Loop(FileSpool spool) => new(spool, Sink, Time, LoopLog);

    /// <summary>What the disk holds now: all that another process would find if this one were killed at this moment.</summary>
    public string KillAndCopy()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_root, $"copy-{_copies++}")).FullName;
        foreach (var file in Directory.EnumerateFiles(DefaultDirectory, "*.spool"))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>The one file in a copy that holds records; the others are space that was promised.</summary>
    public static string WrittenFile(string copy) => Directory.EnumerateFiles(copy).Single(file => File.ReadAllBytes(file).AsSpan().ContainsAnyExcept((byte)0));

    public static bool Append(FileSpool spool, string text) => spool.Append(SpoolRecordKind.Attempt, Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        foreach (var spool in _opened)
            spool.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}

/// <summary>A database that takes what it is given, unless told otherwise.</summary>
internal sealed class FakeSink : ISpoolSink
{
    public List<string> Committed { get; } = [];

    public List<int> BatchSizes { get; } = [];

    /// <summary>What to answer instead of committing.</summary>
    public Func<IReadOnlyList<string>, StoreFault?> Refuse { get; set; } = _ => null;

    /// <summary>Whether a commit waits until it is cancelled.</summary>
    public bool Hang { get; set; }

    public async ValueTask<StoreOutcome<int>> CommitAsync(IReadOnlyList<SpoolRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Hang)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        string[] texts = [.. records.Select(record => Encoding.UTF8.GetString(record.Payload.Span))];
        if (Refuse(texts) is { } fault)
            return fault;
        Committed.AddRange(texts);
        BatchSizes.Add(texts.Length);
        return texts.Length;
    }
}
