using System.Security.Cryptography;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin.Books;

/// <summary>One request's money: what it cost, what was billed, and every transfer.</summary>
/// <param name="Trace">The request and its attempts.</param>
/// <param name="Transfers">In the order of their ids.</param>
public sealed record RequestMoney(RequestTrace Trace, IReadOnlyList<Transfer> Transfers);

/// <summary>Asks and corrects the ledger for people: the CLI and the console.</summary>
public sealed class LedgerAdmin(ILedgerStore ledger, ITraceStore traces, TimeProvider time)
{
    /// <summary>Follows one request's money. Waits a moment for one that was just answered, as <see cref="TraceAdmin"/> does.</summary>
    public async ValueTask<StoreOutcome<RequestMoney>> ShowAsync(string idAsTyped, CancellationToken cancellationToken)
    {
        var trace = await new TraceAdmin(traces, time).FindAsync(idAsTyped, cancellationToken);
        if (trace.Fault is { } fault)
            return fault;
        var transfers = await ledger.OfRequestAsync(TraceAdmin.RequestId(idAsTyped), cancellationToken);
        return transfers.Fault is { } transferFault ? transferFault : new RequestMoney(trace.Value, transfers.Value);
    }

    /// <summary>A customer pays: in advance, or its debt.</summary>
    /// <param name="organisation">Which.</param>
    /// <param name="team">A team that pays for itself; empty: the organisation.</param>
    /// <param name="amountNano">Nano-units; above zero.</param>
    /// <param name="currency">Three letters.</param>
    /// <param name="note">What to remember it by.</param>
    /// <param name="id">Made by whoever may ask twice; null for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<StoreOutcome<int>> TopUpAsync(string organisation, string team, long amountNano, string currency, string note, string? id, CancellationToken cancellationToken) => PostAsync(
        TransferKinds.TopUp, organisation, AccountNames.Bank(currency), AccountNames.Customer(organisation, team, "", currency), amountNano, note, id, cancellationToken);

    /// <summary>We pay an upstream: in advance, or what we owe.</summary>
    public ValueTask<StoreOutcome<int>> PayAsync(string upstream, bool isPrepaid, long amountNano, string currency, string note, string? id, CancellationToken cancellationToken) =>
        PostAsync(TransferKinds.Payment, "", isPrepaid ? AccountNames.Prepaid(upstream, currency) : AccountNames.Payable(upstream, currency), AccountNames.Bank(currency), amountNano, note, id, cancellationToken);

    /// <summary>Corrects: moves an amount between any account and the adjustments of its currency.</summary>
    public ValueTask<StoreOutcome<int>> AdjustAsync(string debit, string credit, long amountNano, string note, string? id, CancellationToken cancellationToken) =>
        PostAsync(TransferKinds.Adjust, "", debit, credit, amountNano, note, id, cancellationToken);

    private async ValueTask<StoreOutcome<int>> PostAsync(string kind, string organisation, string debit, string credit, long amountNano, string note, string? id, CancellationToken cancellationToken)
    {
        var transfer = new Transfer
        {
            Id = id is null ? $"{kind}_{RandomNumberGenerator.GetHexString(24, lowercase: true)}" : $"{kind}_{id}",
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Organisation = organisation,
            Kind = kind,
            Debit = debit,
            Credit = credit,
            AmountNano = amountNano,
            Note = note,
        };
        return await ledger.PostOnceAsync(transfer, cancellationToken);
    }
}
