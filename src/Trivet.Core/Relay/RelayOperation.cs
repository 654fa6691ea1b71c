namespace Trivet.Core.Relay;

/// <summary>What a client of the relay wants.</summary>
public enum RelayOperation : byte
{
    /// <summary>A model's turn in a conversation.</summary>
    Converse,

    /// <summary>Text that goes on from a prompt, or fits between it and a suffix (OpenAI's legacy completions, fill in the middle). Passes through.</summary>
    Complete,

    /// <summary>Vectors of texts (OpenAI's embeddings). Passes through.</summary>
    Embed,
}
