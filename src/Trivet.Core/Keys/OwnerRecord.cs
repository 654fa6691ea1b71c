using Trivet.Core.Failures;
using Trivet.Core.Limits;

namespace Trivet.Core.Keys;

/// <summary>What a key is billed for what its requests cost.</summary>
public enum Pricing
{
    /// <summary>What the upstream bills us, plus the margin.</summary>
    Cost,

    /// <summary>The catalogue's list price, plus the margin; where there is none, as <see cref="Cost"/>.</summary>
    List,

    /// <summary>Nothing. The cost is booked all the same.</summary>
    Free,
}

/// <summary>What is set for an organisation, or for a team of one: what its keys together may do, and what they are billed.</summary>
public sealed record OwnerRecord
{
    /// <summary>A factor of one.</summary>
    public const long Million = 1_000_000;

    public required string Organisation { get; init; }

    /// <summary>Empty: the organisation itself.</summary>
    public string Team { get; init; } = "";

    /// <summary>What all its keys together may spend, by window.</summary>
    public IReadOnlyList<Budget> Budgets { get; init; } = [];

    public int? RequestsPerMinute { get; init; }

    public int? TokensPerMinute { get; init; }

    /// <summary>Requests at a time; null when unlimited.</summary>
    public int? ConcurrentMax { get; init; }

    /// <summary>Model names or patterns with <c>*</c>; null allows every model, an empty list none.</summary>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Of the organisation; a team is billed as its organisation is.</summary>
    public Pricing Pricing { get; init; }

    /// <summary>On top of the price: 250,000 is a quarter more. Of the organisation.</summary>
    public long MarginMillionths { get; init; }

    /// <summary>The currency in which it pays in advance and cannot spend more than it paid; empty: on credit, or for a team, its organisation pays.</summary>
    public string PrepaidCurrency { get; init; } = "";
}

/// <summary>Where organisations and teams are kept. Changes reach every running node with those of keys.</summary>
public interface IOwnerStore
{
    /// <summary>All that anything is set for, by name.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<OwnerRecord>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Changes one, or makes it, in one transaction. With a prepaid currency its balance becomes what it may spend.</summary>
    ValueTask<StoreOutcome<OwnerRecord>> ChangeAsync(string organisation, string team, Func<OwnerRecord, OwnerRecord> change, CancellationToken cancellationToken);
}
