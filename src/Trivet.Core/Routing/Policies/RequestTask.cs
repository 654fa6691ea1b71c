namespace Trivet.Core.Routing.Policies;

/// <summary>What a request is for, as far as its client, its tools and its shape tell; a guess that is made cheaply and on this machine.</summary>
public enum RequestTask : byte
{
    /// <summary>Anything else.</summary>
    Chat,

    /// <summary>A coding agent at work.</summary>
    Code,

    /// <summary>Technical documents, and questions about them.</summary>
    Documents,

    /// <summary>Translation.</summary>
    Translation,

    /// <summary>Data out of text, in a shape that the request fixes.</summary>
    Extraction,

    /// <summary>A very long prompt, whatever it is about.</summary>
    LongContext,
}
