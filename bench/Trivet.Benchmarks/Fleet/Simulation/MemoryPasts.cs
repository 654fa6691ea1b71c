using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Failures;

namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>Enrolled pasts in memory.</summary>
internal sealed class MemoryPasts : IPastStore
{
    private readonly Dictionary<string, EnrolledPast> _pasts = new(StringComparer.Ordinal);

    public ValueTask<StoreOutcome<EnrolledPast?>> FindAsync(string offering, CancellationToken cancellationToken) => new(StoreOutcome.Of(_pasts.GetValueOrDefault(offering)));

    public ValueTask<StoreOutcome<bool>> SaveAsync(EnrolledPast past, CancellationToken cancellationToken)
    {
        _pasts[past.Offering] = past;
        return new(true);
    }

    public ValueTask<StoreOutcome<bool>> RemoveAsync(string offering, CancellationToken cancellationToken) => new(_pasts.Remove(offering));
}
