namespace Trivet.Core.Diagnostics;

/// <summary>Words of OpenTelemetry's semantic conventions for generative AI.</summary>
internal static class GenAi
{
    /// <summary>The operation's name of everything that Trivet relays.</summary>
    public const string Chat = "chat";

    /// <summary>The conventions' name of a vendor; a vendor that they do not know goes by ours.</summary>
    public static string ProviderName(string vendor) => vendor switch
    {
        "google" => "gcp.gemini",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        _ => vendor,
    };
}
