namespace Trivet.Core.Snapshots;

/// <summary>
/// Owns the current <see cref="GatewaySnapshot"/>: the only thing that swaps it. The endpoint takes <see cref="Current"/> once per
/// request; request code is given that snapshot, never this holder.
/// </summary>
public sealed class SnapshotHolder(GatewaySnapshot initial)
{
    private readonly Lock _swapping = new();
    private Action<GatewaySnapshot>? _observers;
    private GatewaySnapshot _current = initial;

    /// <summary>The snapshot of this moment.</summary>
    public GatewaySnapshot Current => Volatile.Read(ref _current);

    /// <summary>Calls <paramref name="observer"/> after each swap, on the swapping thread; it must be quick and must not throw.</summary>
    public void OnSwap(Action<GatewaySnapshot> observer)
    {
        lock (_swapping) _observers += observer;
    }

    /// <summary>Replaces the snapshot for requests that start from now on. Whoever changes a part of what is in force takes <see cref="Update"/>: between reading and swapping another may have changed the rest.</summary>
    public void Swap(GatewaySnapshot next)
    {
        lock (_swapping)
        {
            Volatile.Write(ref _current, next);
            _observers?.Invoke(next);
        }
    }

    /// <summary>Changes what is in force, one change after another: each begins with what the one before it left.</summary>
    /// <param name="change">What is to be in force, from what is; the same instance: nothing changes. It runs under the lock, and must not wait for anything.</param>
    public GatewaySnapshot Update(Func<GatewayConfig, GatewayConfig> change)
    {
        lock (_swapping)
        {
            var before = Current;
            if (change(before.Config) is var config && !ReferenceEquals(config, before.Config))
                Swap(GatewaySnapshot.Compile(config));
            return Current;
        }
    }
}
