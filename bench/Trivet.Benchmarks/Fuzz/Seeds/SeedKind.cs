namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>What a seed is, as far as mutation must know.</summary>
internal enum SeedKind : byte
{
    /// <summary>A JSON text.</summary>
    Json,

    /// <summary>Server-sent events with JSON in them.</summary>
    Events,

    /// <summary>Anything else.</summary>
    Bytes,
}
