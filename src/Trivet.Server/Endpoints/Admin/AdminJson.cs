using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>How the admin API writes: names and words in <c>snake_case</c>, times in ISO 8601, money as whole nano-units beside its currency.</summary>
internal static class AdminJson
{
    public static JsonSerializerOptions Options { get; } = Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        return options;
    }
}
