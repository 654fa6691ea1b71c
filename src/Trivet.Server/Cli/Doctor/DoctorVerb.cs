using System.CommandLine;

namespace Trivet.Server.Cli.Doctor;

/// <summary><c>trivet doctor</c>: is everything that a server needs in order, and what to do where it is not.</summary>
internal static class DoctorVerb
{
    public static Command Build()
    {
        var listen = new Option<string?>("--listen") { Description = "Address to look at (default: where the server would listen)", HelpName = "URL" };
        var command = new Command("doctor", "Look at everything that a server needs, and say what to do where it is not in order") { listen, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var findings = await new Examination(context, result.GetValue(listen)).RunAsync(stopping);
            if (context.Json)
            {
                JsonOutput.Write(context.Output, json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("findings");
                    foreach (var finding in findings)
                    {
                        json.WriteStartObject();
                        json.WriteString("level", finding.Level.ToString().ToLowerInvariant());
                        json.WriteString("about", finding.About);
                        json.WriteString("text", finding.Text);
                        json.WriteString("remedy", finding.Remedy);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                });
            }
            else
            {
                foreach (var finding in findings)
                {
                    context.Output.WriteLine($"{finding.Level.ToString().ToLowerInvariant(),-4}  {finding.About,-13} {finding.Text}");
                    if (finding.Remedy is not null)
                        context.Output.WriteLine($"      {"",-13} → {finding.Remedy}");
                }
            }

            return findings.Any(finding => finding.Level == FindingLevel.Fail) ? Exit.No : Exit.Done;
        });
        return command;
    }
}
