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
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block(ArrayPool<byte>.Shared.Rent(Math.Max(minBufferSize, BlockBytes)));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // It owns nothing, and every listener disposes what is one for all.
    }

    // The shared memory pool's own owner checks and makes its memory at every look, and Kestrel looks often.
    private sealed class Block(byte[] array) : IMemoryOwner<byte>
    {
        private byte[]? _array = array;

        public Memory<byte> Memory { get; } = array;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } returned)
                ArrayPool<byte>.Shared.Return(returned);
        }
    }
}
