using Trivet.Core.Failures;

namespace Trivet.Core.Limits;

/// <summary>How far an allowance is used. Nano-units of its currency.</summary>
/// <param name="Id">Its name.</param>
/// <param name="LimitNano">What may be spent.</param>
/// <param name="SpentNano">What is booked.</param>
/// <param name="LeasedNano">What nodes hold for requests that run or will.</param>
public sealed record AllowanceUse(string Id, long LimitNano, long SpentNano, long LeasedNano);

/// <summary>Looks at allowances without touching them.</summary>
public interface IAllowanceReader
{
    /// <summary>Those of these names that there are. One is made by the first request that it bounds.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<AllowanceUse>>> ReadAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);
}
