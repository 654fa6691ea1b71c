namespace Trivet.Core.Catalogue;

/// <summary>How urgently a request was served, where vendors price that apart.</summary>
public enum ServiceTier
{
    /// <summary>As usual.</summary>
    Standard,

    /// <summary>Slower and cheaper.</summary>
    Flex,

    /// <summary>Faster and dearer.</summary>
    Priority,

    /// <summary>Within a day, cheaper.</summary>
    Batch,

    /// <summary>A word that Trivet does not know: its price is unknown.</summary>
    Other,
}

/// <summary>Vendors' words for tiers.</summary>
public static class ServiceTiers
{
    /// <summary>
    /// What an answer's tier means. OpenAI says default (and auto while it has not decided), Anthropic standard, Bedrock default, Groq on_demand;
    /// an answer without the word was served as usual.
    /// </summary>
    public static ServiceTier Parse(string? word) => word?.ToLowerInvariant() switch
    {
        null or "" or "default" or "auto" or "standard" or "standard_only" or "on_demand" => ServiceTier.Standard,
        "flex" => ServiceTier.Flex,
        "priority" => ServiceTier.Priority,
        "batch" => ServiceTier.Batch,
        _ => ServiceTier.Other,
    };
}
