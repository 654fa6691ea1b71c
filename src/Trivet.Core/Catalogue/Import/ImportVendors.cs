using System.Collections.Frozen;

namespace Trivet.Core.Catalogue.Import;

/// <summary>A provider of an imported file, as the catalogue knows it.</summary>
/// <param name="Vendor">The vendor's name.</param>
/// <param name="Site">Its site; null for all of them.</param>
internal sealed record ImportVendor(string Vendor, string? Site = null);

/// <summary>
/// Names of providers in others' catalogues → ours. Left out on purpose: subscriptions (their prices of zero are no prices), and the sites of vendors
/// that bill in yuan where the file has a conversion that the vendor does not bill by (Zhipu; MiniMax and Moonshot in China).
/// </summary>
internal static class ImportVendors
{
    private static readonly FrozenDictionary<string, ImportVendor> ModelsDev = new Dictionary<string, ImportVendor>(StringComparer.Ordinal)
    {
        ["alibaba"] = new("alibaba", "intl"),
        ["alibaba-cn"] = new("alibaba", "cn"),
        ["amazon-bedrock"] = new("bedrock"),
        ["fireworks-ai"] = new("fireworks"),
        ["google-vertex"] = new("vertex"),
        ["google-vertex-anthropic"] = new("vertex"),
        ["llama"] = new("meta"),
        ["minimax"] = new("minimax", "intl"),
        ["minimax-cn"] = new("minimax", "cn"),
        ["moonshotai"] = new("moonshot", "intl"),
        ["moonshotai-cn"] = new("moonshot", "cn"),
        ["siliconflow"] = new("siliconflow", "intl"),
        ["siliconflow-cn"] = new("siliconflow", "cn"),
        ["tencent-tokenhub"] = new("tencent"),
        ["togetherai"] = new("together"),
        ["zhipuai"] = new("zhipu"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ImportVendor> GenaiPrices = new Dictionary<string, ImportVendor>(StringComparer.Ordinal)
    {
        ["aws"] = new("bedrock"),
        ["minimax"] = new("minimax", "intl"),
        ["moonshotai"] = new("moonshot", "intl"),
        ["x-ai"] = new("xai"),
        ["zhipuai"] = new("zhipu"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ImportVendor> LiteLlm = new Dictionary<string, ImportVendor>(StringComparer.Ordinal)
    {
        ["bedrock_converse"] = new("bedrock"),
        ["cohere_chat"] = new("cohere"),
        ["dashscope"] = new("alibaba", "intl"),
        ["fireworks_ai"] = new("fireworks"),
        ["gemini"] = new("google"),
        ["meta_llama"] = new("meta"),
        ["minimax"] = new("minimax", "intl"),
        ["moonshot"] = new("moonshot", "intl"),
        ["together_ai"] = new("together"),
        ["vertex_ai-language-models"] = new("vertex"),
        ["vertex_ai-anthropic_models"] = new("vertex"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Providers whose prices in these files are not what anybody is billed.</summary>
    private static readonly FrozenSet<string> Unbilled = new[] { "minimax-cn", "moonshotai-cn", "zhipuai" }.ToFrozenSet(StringComparer.Ordinal);

    public static ImportVendor? OfModelsDev(string provider) =>
        provider.EndsWith("-plan", StringComparison.Ordinal) || provider.EndsWith("-plan-cn", StringComparison.Ordinal) || provider == "kimi-for-coding"
            ? null
            : ModelsDev.GetValueOrDefault(provider) ?? new ImportVendor(provider);

    public static ImportVendor? OfGenaiPrices(string provider) =>
        provider.StartsWith("huggingface_", StringComparison.Ordinal) ? null : GenaiPrices.GetValueOrDefault(provider) ?? new ImportVendor(provider);

    public static ImportVendor OfLiteLlm(string provider) => LiteLlm.GetValueOrDefault(provider) ?? new ImportVendor(provider);

    public static bool IsBilled(string provider) => !Unbilled.Contains(provider);
}
