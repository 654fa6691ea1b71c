namespace Trivet.Core.Keys;

/// <summary>Swaps the snapshot whole. Endpoints take <see cref="Current"/> once per request; nothing deeper sees the holder.</summary>
public sealed class KeySnapshotHolder
{
    private KeySnapshot _current = KeySnapshot.Empty;

    public KeySnapshot Current => Volatile.Read(ref _current);

    internal void Swap(KeySnapshot snapshot) => Volatile.Write(ref _current, snapshot);
}
