using Trivet.Core.Failures;

namespace Trivet.Core.Limits;

/// <summary>
/// What may be spent and by whom it is counted: a budget of a key, a team or an organisation in one window, or a prepaid balance.
/// Amounts are nano-units of its currency.
/// </summary>
/// <param name="Id">Its name in the database; for a prepaid balance that of the account.</param>
/// <param name="LimitNano">The budget; null for a prepaid balance, whose payments are its limit.</param>
/// <param name="StartsMs">Unix milliseconds at which the window begins; 0 for one without a beginning.</param>
/// <param name="EndsMs">Unix milliseconds at which it ends; 0 for never.</param>
/// <param name="Organisation">Whose attempts count.</param>
/// <param name="Team">Empty: of all teams.</param>
/// <param name="KeyId">Empty: of all keys.</param>
/// <param name="Currency">Three letters; empty where no money is counted but requests or tokens.</param>
public sealed record AllowanceSpec(string Id, long? LimitNano, long StartsMs, long EndsMs, string Organisation, string Team, string KeyId, string Currency)
{
    /// <summary>The first part of the id of whatever is counted and no money.</summary>
    public const string CountPrefix = "count/";
}

/// <summary>A node asks for money of an allowance to be set aside for it.</summary>
/// <param name="Allowance">Of which.</param>
/// <param name="Holder">For whom: node and start.</param>
/// <param name="NeedNano">Less is of no use, unless <paramref name="IsLast"/>.</param>
/// <param name="WantNano">As much as it would like.</param>
/// <param name="LeastNano">With <paramref name="IsLast"/>: what the whole rest must come to, with what the node still holds unspent.</param>
/// <param name="HeldNano">What the node still holds unspent of an earlier lease.</param>
/// <param name="IsLast">Nothing of the node's is in flight: if nobody else holds anything either, the rest is its to take.</param>
public sealed record LeaseAsk(AllowanceSpec Allowance, string Holder, long NeedNano, long WantNano, long LeastNano, long HeldNano, bool IsLast);

/// <summary>What a node got.</summary>
/// <param name="GrantedNano">Set aside for it, beside what it had.</param>
/// <param name="FreeNano">What is left after that, for anybody.</param>
/// <param name="OthersNano">What other nodes hold, or have spent and not yet handed over.</param>
/// <param name="LimitNano">The allowance's limit.</param>
public readonly record struct LeaseGrant(long GrantedNano, long FreeNano, long OthersNano, long LimitNano);

/// <summary>Money that a node gives back.</summary>
public readonly record struct LeaseReturn(string AllowanceId, long AmountNano);

/// <summary>Leases in the database, each call one transaction: what is spent and what is leased never come to more than the limit.</summary>
public interface ILeaseStore
{
    /// <summary>How long a lease lasts that is not renewed, by the database's clock.</summary>
    static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(2);

    /// <summary>Sets money aside. <see cref="StoreFaultKind.NotFound"/> for a prepaid balance that does not exist.</summary>
    ValueTask<StoreOutcome<LeaseGrant>> TakeAsync(LeaseAsk ask, CancellationToken cancellationToken);

    /// <summary>Gives back what a holder has not spent.</summary>
    ValueTask<StoreOutcome<int>> ReturnAsync(string holder, IReadOnlyList<LeaseReturn> returns, CancellationToken cancellationToken);

    /// <summary>Begins the time of all leases of a holder anew.</summary>
    ValueTask<StoreOutcome<int>> RenewAsync(string holder, CancellationToken cancellationToken);

    /// <summary>Gives back all that earlier starts of a node hold.</summary>
    ValueTask<StoreOutcome<int>> ReleaseEarlierAsync(string node, string holder, CancellationToken cancellationToken);
}
