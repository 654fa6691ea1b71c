using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Trivet.Server.Composition;

/// <summary>
/// Kestrel's buffers, in blocks of 32 kB where its own have 4 kB: an agent's request of 88 kB is then received with a few system calls instead of 22, and a
/// burst of events leaves in one piece instead of a list of eight. A block is held only while it has bytes in it, so idle connections and slow streams cost nothing more.
/// </summary>
internal sealed class LargeBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 32 * 1024;

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // It owns nothing, and every listener disposes what is one for all.
    }
}
