using Trivet.Core.Ledger.Spool;

namespace Trivet.Core.Relay.Metering;

/// <summary>Writes down what the relay did. The only way a record gets into the spool; see <see cref="ISpool"/> for what "written" promises.</summary>
public sealed class Bookkeeper(ISpool spool)
{
    /// <summary>Ask at admission: false means that this node cannot promise to book another request (<see cref="SpoolState.Refusing"/>).</summary>
    public bool CanAdmit => spool.State == SpoolState.Open;

    /// <summary>Books one attempt, also a failed one. False when the record waits in memory for disk space.</summary>
    public bool Book(AttemptRecord attempt) => MeteringJson.Append(spool, SpoolRecordKind.Attempt, attempt, MeteringJson.Default.AttemptRecord);

    /// <summary>Books the request together with its last attempt: one record, one write.</summary>
    public bool Book(AttemptRecord last, RequestRecord request) =>
        MeteringJson.Append(spool, SpoolRecordKind.RequestWithAttempt, new RequestWithAttempt(request, last), MeteringJson.Default.RequestWithAttempt);

    /// <summary>Books a request that came to no attempt.</summary>
    public bool Book(RequestRecord request) => MeteringJson.Append(spool, SpoolRecordKind.Request, request, MeteringJson.Default.RequestRecord);
}
