using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Faults;

/// <summary>What will go wrong with one request: the active faults, merged.</summary>
internal sealed class Staging
{
    public static Staging None { get; } = new();

    /// <summary>The active faults by name, for the log.</summary>
    public List<string> Applied { get; } = [];

    public Refusal? Refusal { get; set; }

    public bool Reset { get; set; }

    /// <summary>Never answers; where set, for so long at most.</summary>
    public int? SilentMs { get; set; }

    public int HeadersMs { get; set; }

    public int FirstTokenMs { get; set; }

    /// <summary>Send what precedes content (role chunk, message_start) before the wait for the first token.</summary>
    public bool Preamble { get; set; }

    public int? StallAfterTokens { get; set; }

    public int StallMs { get; set; }

    public int? CutAfterTokens { get; set; }

    public int? BadJsonEvent { get; set; }

    /// <summary>The broken event is an additional one, so that nothing of the answer is lost.</summary>
    public bool BadJsonIsExtra { get; set; }

    public bool NoDone { get; set; }

    public bool ErrorIn200 { get; set; }

    public int? ErrorEventAfterTokens { get; set; }

    public bool Empty { get; set; }

    public bool EmptyBody { get; set; }

    public bool TruncatedJson { get; set; }

    public string? ContentType { get; set; }

    public bool Html { get; set; }

    public int? BaseRespCode { get; set; }

    public double TokensPerSecond { get; set; }

    public string? WrongModel { get; set; }

    public bool NoUsage { get; set; }

    public bool RejectsPrefill { get; set; }

    public int? ContextTokensMax { get; set; }

    public bool ContextLength { get; set; }

    /// <summary>While waiting, a comment line this often; 0: none.</summary>
    public int CommentEveryMs { get; set; }

    /// <summary>How this request is cheated; null: honestly served.</summary>
    public Dishonesty? Dishonesty { get; private set; }

    public void Apply(Fault fault, string model)
    {
        Applied.Add(fault.Value is null ? fault.Name : $"{fault.Name}={fault.Value}");
        if (fault.IsStatus)
        {
            Refusal = StagedRefusals.ForStatus(fault, model);
            return;
        }

        if (Faults.Dishonesty.Names.Contains(fault.Name))
        {
            (Dishonesty ??= new()).Apply(fault);
            return;
        }

        switch (fault.Name)
        {
            case "reset": Reset = true; break;
            case "silent": SilentMs = fault.Int("ms", int.MaxValue); break;
            case "headers-ms": HeadersMs = fault.ValueInt(1000); break;
            case "first-token-ms": (FirstTokenMs, Preamble) = (fault.ValueInt(1000), fault.Get("preamble") is not null); break;
            case "stall-after": (StallAfterTokens, StallMs) = (fault.ValueInt(0), fault.Int("ms", 30_000)); break;
            case "cut-after": CutAfterTokens = fault.ValueInt(0); break;
            case "bad-json-event": (BadJsonEvent, BadJsonIsExtra) = (fault.ValueInt(1), fault.Get("extra") is not null); break;
            case "no-done": NoDone = true; break;
            case "context-length": ContextLength = true; break;
            case "context": ContextTokensMax = fault.ValueInt(1000); break;
            case "content-filter": Refusal = StagedRefusals.ContentFilter(); break;
            case "error-in-200": ErrorIn200 = true; break;
            case "error-event-after": ErrorEventAfterTokens = fault.ValueInt(0); break;
            case "empty": (Empty, EmptyBody) = (true, fault.Get("body") is not null); break;
            case "truncated-json": TruncatedJson = true; break;
            case "wrong-content-type": ContentType = fault.Value ?? "text/plain"; break;
            case "html": Html = true; break;
            case "base-resp": BaseRespCode = fault.Int("code", fault.ValueInt(1002)); break;
            case "slow": TokensPerSecond = fault.Double("tps", 20); break;
            case "wrong-model": WrongModel = fault.Value ?? "sandbox-imposter"; break;
            case "no-usage": NoUsage = true; break;
            case "rejects-prefill": RejectsPrefill = true; break;
            case "comments": CommentEveryMs = fault.ValueInt(500); break;
        }
    }
}
