using System.Collections.Concurrent;
using Trivet.Core.Upstreams.Quirks;

namespace Trivet.Core.Relay.Formats;

/// <summary>Dialects made from quirks, each once: quirks are immutable and few.</summary>
internal sealed class DialectCache<TDialect>(Func<ProtocolQuirks, TDialect> make)
{
    private readonly ConcurrentDictionary<ProtocolQuirks, TDialect> _dialects = new(ReferenceEqualityComparer.Instance);

    public TDialect For(ProtocolQuirks quirks) => _dialects.TryGetValue(quirks, out var dialect) ? dialect : _dialects.GetOrAdd(quirks, make);
}
