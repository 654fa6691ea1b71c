namespace Trivet.Core.Ledger;

/// <summary>
/// One movement of money from the account that is credited to the one that is debited. Immutable. Both accounts have the same currency, which ends their names.
/// Posting a transfer whose id, time and organisation are there already changes nothing.
/// </summary>
public sealed record Transfer
{
    /// <summary>Made by whoever asks for the transfer; with its time unique within the organisation.</summary>
    public required string Id { get; init; }

    /// <summary>Unix milliseconds, UTC. For what a request caused: when the request arrived, so that all of it falls into one window.</summary>
    public required long AtMs { get; init; }

    public required string Organisation { get; init; }

    /// <summary>The request that caused it; empty for what people do.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>One of <see cref="TransferKinds"/>.</summary>
    public required string Kind { get; init; }

    public required string Debit { get; init; }

    public required string Credit { get; init; }

    /// <summary>Nano-units; above zero.</summary>
    public required long AmountNano { get; init; }

    /// <summary>The transfer that this one belongs to; empty for none.</summary>
    public string LinkedId { get; init; } = "";

    /// <summary>The price record that the amount was computed with; empty where there was none.</summary>
    public string PriceVersion { get; init; } = "";

    /// <summary>Nano-units of the other currency for one unit of this, where two currencies meet; else null.</summary>
    public long? RateNano { get; init; }

    /// <summary>What a person said to it.</summary>
    public string Note { get; init; } = "";

    /// <summary>Three letters.</summary>
    public string Currency => AccountNames.CurrencyOf(Debit);

    /// <summary>What is wrong with it; null when it may be posted.</summary>
    public string? Problem() =>
        AmountNano <= 0 ? $"Transfer {Id} moves {AmountNano}: an amount is above zero."
        : Debit == Credit ? $"Transfer {Id} goes from {Debit} to itself."
        : AccountNames.CurrencyOf(Debit) != AccountNames.CurrencyOf(Credit) ? $"Transfer {Id} mixes currencies: {Debit}, {Credit}."
        : null;
}

/// <summary>Why money moved.</summary>
public static class TransferKinds
{
    /// <summary>What an upstream will bill for an attempt.</summary>
    public const string Cost = "cost";

    /// <summary>What the key is billed for an attempt.</summary>
    public const string Charge = "charge";

    /// <summary>The part of a charge above what was reserved.</summary>
    public const string Overrun = "overrun";

    /// <summary>The part of a charge that the customer's money does not cover.</summary>
    public const string Absorb = "absorb";

    /// <summary>One of the two legs of an exchange.</summary>
    public const string Exchange = "fx";

    /// <summary>A customer paid in advance, or its debt.</summary>
    public const string TopUp = "topup";

    /// <summary>We paid an upstream.</summary>
    public const string Payment = "payment";

    /// <summary>A person corrects.</summary>
    public const string Adjust = "adjust";
}
