using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>The JSON schema of <c>trivet.yaml</c> for editors, made from the tables that the reader reads by.</summary>
public static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema, draft 2020-12.</summary>
    public static string Json { get; } = Make();

    private static string Make()
    {
        var schema = ConfigShape.Root.Schema();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Trivet configuration");
        return schema.ToJsonString(Indented) + "\n";
    }
}
