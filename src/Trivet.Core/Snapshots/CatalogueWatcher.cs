using Microsoft.Extensions.Logging;
using Trivet.Core.Catalogue;
using Trivet.Core.Diagnostics;

namespace Trivet.Core.Snapshots;

/// <summary>
/// Follows the operator's own files of the catalogue: what was imported, or written by hand, holds for requests that begin after it was noticed, without a
/// restart. Looks every two seconds, as <see cref="ConfigWatcher"/> does and for the same reason.
/// </summary>
public sealed partial class CatalogueWatcher : IDisposable
{
    private readonly string _folder;
    private readonly SnapshotHolder _holder;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly Lock _looking = new();
    private string _seen;

    /// <summary>Starts following a folder, which need not be there yet.</summary>
    public CatalogueWatcher(string folder, SnapshotHolder holder, TimeProvider time, ILogger<CatalogueWatcher> log)
    {
        (_folder, _holder, _log, _seen) = (folder, holder, log, "");
        _seen = Stamp();
        _timer = time.CreateTimer(_ => LoopGuard.Run("the watch over the catalogue's files", Look, log), null, ConfigWatcher.Interval, ConfigWatcher.Interval);
    }

    /// <summary>Takes the files over now if they changed.</summary>
    public void Look()
    {
        lock (_looking)
        {
            var stamp = Stamp();
            if (stamp == _seen)
                return;
            _seen = stamp;
            var catalogue = ModelCatalogue.WithFolder(_folder);
            _holder.Update(config => config with { Catalogue = catalogue });
            foreach (var problem in catalogue.Problems)
                Refused(problem);
            Reloaded(_folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private string Stamp()
    {
        try
        {
            return ModelCatalogue.Stamp(_folder);
        }
        catch (IOException)
        {
            return _seen; // being replaced: looked at again
        }
    }

    [LoggerMessage(1004, LogLevel.Information, "The catalogue's files in {Folder} are in force")]
    private partial void Reloaded(string folder);

    [LoggerMessage(1005, LogLevel.Error, "A file of the catalogue was not taken: {Problem}")]
    private partial void Refused(string problem);
}
