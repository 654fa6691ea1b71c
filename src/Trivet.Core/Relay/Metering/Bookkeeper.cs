using Trivet.Core.Ledger.Spool;

namespace Trivet.Core.Relay.Metering;

/// <summary>Writes down what the relay did. The only way a record gets into the spool; see <see cref="ISpool"/> for what "written" promises.</summary>
public sealed class Bookkeeper(ISpool spool, InFlightSlots? slots = null)
{
    /// <summary>Ask at admission: false means that this node cannot promise to book another request (<see cref="SpoolState.Refusing"/>).</summary>
    public bool CanAdmit => spool.State == SpoolState.Open;

    /// <summary>Whether what is in flight is written down.</summary>
    public bool KeepsSlots => slots is not null;

    /// <summary>Writes down that an attempt is about to be sent. <see cref="InFlightSlots.None"/> where there is no room for that, or no slots are kept.</summary>
    public int Begin(AttemptIntent intent)
    {
        if (slots is null)
            return InFlightSlots.None;
        Span<byte> payload = stackalloc byte[InFlightSlots.PayloadBytesMax];
        return slots.Take(payload[..AttemptIntent.Write(payload, intent)]);
    }

    /// <summary>Notes how far an attempt has come.</summary>
    public void Note(int slot, in SlotProgress progress) => slots?.Note(slot, progress);

    /// <summary>An attempt's record is in the spool.</summary>
    public void Done(int slot) => slots?.Free(slot);

    /// <summary>Books one attempt, also a failed one. False when the record waits in memory for disk space.</summary>
    public bool Book(AttemptRecord attempt) => MeteringJson.Append(spool, SpoolRecordKind.Attempt, attempt, MeteringJson.Default.AttemptRecord);

    /// <summary>Books the request together with its last attempt: one record, one write.</summary>
    public bool Book(AttemptRecord last, RequestRecord request) =>
        MeteringJson.Append(spool, SpoolRecordKind.RequestWithAttempt, new RequestWithAttempt(request, last), MeteringJson.Default.RequestWithAttempt);

    /// <summary>Books a request that came to no attempt.</summary>
    public bool Book(RequestRecord request) => MeteringJson.Append(spool, SpoolRecordKind.Request, request, MeteringJson.Default.RequestRecord);
}
