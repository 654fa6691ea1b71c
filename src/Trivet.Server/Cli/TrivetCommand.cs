using System.CommandLine;
using System.CommandLine.Invocation;
using Trivet.Server.Cli.Access;
using Trivet.Server.Cli.Audits;
using Trivet.Server.Cli.Books;
using Trivet.Server.Cli.Catalogue;
using Trivet.Server.Cli.Conformance;
using Trivet.Server.Cli.Demo;
using Trivet.Server.Cli.Doctor;
using Trivet.Server.Cli.Routes;
using Trivet.Server.Cli.Traces;
using Trivet.Server.Cli.Upstreams;
using Trivet.Server.Options;

namespace Trivet.Server.Cli;

/// <summary>The command line as a whole.</summary>
internal static class TrivetCommand
{
    /// <summary>All verbs. New ones are added here, and nowhere else.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("Trivet: a gateway for large language models that measures what it is given. Without a verb it serves.")
        {
            ServeVerb.Build(),
            ConnectVerb.Build(),
            KeysVerb.Build(),
            AdminTokensVerb.Build(),
            OrgsVerb.Build(),
            TeamsVerb.Build(),
            UsersVerb.Build(),
            UsageVerb.Build(),
            LedgerVerb.Build(),
            AuditVerb.Build(),
            AuditsVerb.Build(),
            JournalVerb.Build(),
            TraceVerb.Build(),
            RouteVerb.Build(),
            UpstreamsVerb.Build(),
            ModelsVerb.Build(),
            CatalogueVerb.Build(),
            ConfigVerb.Build(),
            DoctorVerb.Build(),
            SandboxVerb.Build(),
            DemoVerb.Build(),
            ConformanceVerb.Build(),
        };
        root.Options.Add(CommonOptions.Config);
        root.Options.Add(CommonOptions.Data);
        root.SetAction((result, stopping) => ServeVerb.RunAsync(new ServeOptions(null, result.GetValue(CommonOptions.Config), result.GetValue(CommonOptions.Data)), stopping));
        return root;
    }

    /// <summary>Runs what was typed; wrong use is exit code 2, whatever the library thinks of it.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, InvocationConfiguration? configuration = null)
    {
        var result = Build().Parse(args);
        // The server ends by itself when it has let its requests end; the library would end it after two seconds.
        var code = await result.InvokeAsync(configuration ?? new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromHours(1) });
        return result.Action is ParseErrorAction ? Exit.Wrong : code;
    }
}
