using Trivet.Core.Ledger;

namespace Trivet.Storage.Ledger;

/// <summary>How transfers and balances become rows. Names and order are those of <c>Migrations/0006_ledger.sql</c> and <c>0007_transfers.*.sql</c>.</summary>
internal static class LedgerTables
{
    public static readonly BatchInsert<Transfer> Transfers = new(
        "transfers",
        "DO NOTHING",
        transfer => transfer.Id,
        [
            BatchColumn<Transfer>.Text("organisation", row => row.Organisation),
            BatchColumn<Transfer>.Number("at_ms", row => row.AtMs),
            BatchColumn<Transfer>.Text("id", row => row.Id),
            BatchColumn<Transfer>.Text("request_id", row => row.RequestId),
            BatchColumn<Transfer>.Text("kind", row => row.Kind),
            BatchColumn<Transfer>.Text("debit", row => row.Debit),
            BatchColumn<Transfer>.Text("credit", row => row.Credit),
            BatchColumn<Transfer>.Number("amount_nano", row => row.AmountNano),
            BatchColumn<Transfer>.Text("linked_id", row => row.LinkedId),
            BatchColumn<Transfer>.Text("price_version", row => row.PriceVersion),
            BatchColumn<Transfer>.Number("rate_nano", row => row.RateNano),
            BatchColumn<Transfer>.Text("note", row => row.Note),
        ]);

    /// <summary>Adds to the account that is there.</summary>
    public static readonly BatchInsert<AccountBalance> Accounts = new(
        "accounts",
        "(id) DO UPDATE SET debits_nano = accounts.debits_nano + excluded.debits_nano, credits_nano = accounts.credits_nano + excluded.credits_nano",
        null,
        [
            BatchColumn<AccountBalance>.Text("id", row => row.Id),
            BatchColumn<AccountBalance>.Number("debits_nano", row => row.DebitsNano),
            BatchColumn<AccountBalance>.Number("credits_nano", row => row.CreditsNano),
        ]);

    public const string TransferColumns =
        "organisation, at_ms, id, request_id, kind, debit, credit, amount_nano, linked_id, price_version, rate_nano, note";
}
