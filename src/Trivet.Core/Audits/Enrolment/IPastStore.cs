using Trivet.Core.Failures;

namespace Trivet.Core.Audits.Enrolment;

/// <summary>Where enrolled pasts are kept, one for each offering, for all nodes. Safe for concurrent use.</summary>
public interface IPastStore
{
    /// <summary>Of one offering; null where it is not enrolled.</summary>
    ValueTask<StoreOutcome<EnrolledPast?>> FindAsync(string offering, CancellationToken cancellationToken);

    /// <summary>Keeps it in the place of an earlier one.</summary>
    ValueTask<StoreOutcome<bool>> SaveAsync(EnrolledPast past, CancellationToken cancellationToken);

    /// <summary>Forgets it; false where there was none.</summary>
    ValueTask<StoreOutcome<bool>> RemoveAsync(string offering, CancellationToken cancellationToken);
}
