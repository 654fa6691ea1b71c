using Trivet.Tests.Architecture;

namespace Trivet.Tests;

/// <summary>Who may import what (docs/architecture.md), read from the compiled assemblies.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] AllOfOurs = ["Trivet.Wire", "Trivet.Core", "Trivet.Storage", "Trivet.Console", "Trivet.Sandbox", "trivet"];

    private const string Conformance = "Trivet.Server.Conformance";
    private const string Demo = "Trivet.Server.Cli.Demo";

    /// <summary>What handles a request: it gets the immutable snapshot and must not see the holder that swaps it.</summary>
    private static readonly string[] RequestCode =
        ["Trivet.Core.Relay", "Trivet.Core.Routing", "Trivet.Core.Failures", "Trivet.Core.Upstreams", "Trivet.Core.Limits", "Trivet.Core.Ledger", "Trivet.Core.Keys"];

    [Fact]
    public void Wire_references_nothing_but_the_base_class_library() => Unbroken(ImportRules.OnlyTheBaseClassLibrary(Ours("Trivet.Wire")));

    [Fact]
    public void Core_references_no_web_framework_and_no_driver() =>
        Unbroken(ImportRules.NoReferenceTo(Ours("Trivet.Core"), "Microsoft.AspNetCore", "Trivet.Storage", "Trivet.Console", "Trivet.Sandbox", "trivet")
            .Concat(ImportRules.NoDriver(Ours("Trivet.Core"))));

    [Fact]
    public void Only_storage_references_a_driver() =>
        Unbroken(AllOfOurs.Where(n => n != "Trivet.Storage").SelectMany(n => ImportRules.NoDriver(Ours(n))));

    [Fact]
    public void Storage_and_console_rest_on_core_only()
    {
        Unbroken(ImportRules.NoReferenceTo(Ours("Trivet.Storage"), "Microsoft.AspNetCore", "Trivet.Console", "Trivet.Sandbox", "trivet"));
        Unbroken(ImportRules.NoReferenceTo(Ours("Trivet.Console"), "Trivet.Storage", "Trivet.Sandbox", "trivet"));
    }

    [Fact]
    public void Sandbox_references_nothing_of_ours() => Unbroken(ImportRules.NoReferenceTo(Ours("Trivet.Sandbox"), "Trivet", "trivet"));

    [Fact]
    public void Only_upstreams_makes_http_handlers() =>
        Unbroken(Gateway().SelectMany(a => ImportRules.HandlersAreMadeOnlyIn(a, "Trivet.Core.Upstreams")).Where(use => !IsClientOfItsOwn(use)));

    [Fact]
    public void Only_the_relay_and_the_audits_send() =>
        Unbroken(Gateway().SelectMany(a => ImportRules.RequestsAreSentOnlyFrom(a, "Trivet.Core.Relay", "Trivet.Core.Audits", Conformance, Demo)));

    /// <summary>A judge that read with the code it judges would share its mistakes.</summary>
    [Fact]
    public void The_conformance_oracle_and_its_clients_know_nothing_of_the_gateway() =>
        Unbroken(ImportRules.NoMention(Ours("trivet"), Conformance, "Trivet.Wire", "Trivet.Core", "Trivet.Storage", "Trivet.Server.Composition", "Trivet.Server.Endpoints", "Trivet.Server.Cli"));

    [Theory]
    [InlineData("Trivet.Core.Ledger")]
    [InlineData("Trivet.Core.Limits")]
    [InlineData("Trivet.Core.Keys")]
    [InlineData("Trivet.Core.Failures")]
    public void Money_limits_keys_and_failures_know_no_models_and_no_http(string who) =>
        Unbroken(ImportRules.NoMention(
            Ours("Trivet.Core"), who, "System.Net", "Trivet.Wire", "Trivet.Core.Upstreams", "Trivet.Core.Catalogue", "Trivet.Core.Routing", "Trivet.Core.Relay")
            .Where(use => !IsNeutralError(use)));

    [Fact]
    public void Nothing_imports_admin_but_console_cli_and_admin_endpoints() =>
        Unbroken(Gateway().SelectMany(a => ImportRules.MentionedOnlyBy(
            a, t => t.IsIn("Trivet.Core.Admin"), t => t.IsIn("Trivet.WebConsole") || t.IsIn("Trivet.Server.Cli") || IsAdminEndpoint(t) || t.IsIn("Trivet.Server.Composition"))));

    [Fact]
    public void Request_code_never_mentions_the_snapshot_holder() =>
        Unbroken(Gateway().SelectMany(a => ImportRules.MentionedOnlyBy(a, t => t.Name == "SnapshotHolder", t => !RequestCode.Any(t.IsIn))));

    [Fact]
    public void The_checker_finds_a_mention_wherever_it_is_written()
    {
        const string fixtures = "Trivet.Tests.Architecture.Fixtures";
        var uses = AssemblyUses.Read(typeof(ArchitectureTests).Assembly.Location);

        var guilty = ImportRules.MentionedOnlyBy(uses, t => t.IsIn(fixtures + ".Hidden"), t => !t.IsIn(fixtures))
            .Select(u => u.Split(' ')[0].Split('.')[^1]).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["InAsyncMethod", "InAttribute", "InField", "InGenericArgument", "InLambda", "InMethodArgument", "InTypeOf"], guilty);
        Assert.NotEmpty(ImportRules.NoMention(uses, fixtures + ".Guilty", fixtures + ".Hidden"));
        Assert.Empty(ImportRules.NoMention(uses, fixtures + ".Innocent", fixtures + ".Hidden"));
        Assert.Equal([$"{fixtures}.Guilty.MakesHandler uses System.Net.Http.SocketsHttpHandler..ctor"], ImportRules.HandlersAreMadeOnlyIn(uses, "Trivet.Core.Upstreams").Where(use => use.StartsWith(fixtures, StringComparison.Ordinal)));
        Assert.Equal([$"{fixtures}.Guilty.Sends uses System.Net.Http.HttpMessageInvoker.SendAsync"], ImportRules.RequestsAreSentOnlyFrom(uses, "Trivet.Core.Relay").Where(use => use.StartsWith(fixtures, StringComparison.Ordinal)));
        Assert.Contains("Trivet.Tests references xunit.v3.core", ImportRules.OnlyTheBaseClassLibrary(uses));
        Assert.NotEmpty(ImportRules.NoReferenceTo(uses, "xunit.v3"));
    }

    /// <summary>They talk to the gateway as clients do, never to a vendor.</summary>
    private static bool IsClientOfItsOwn(string use) => use.StartsWith(Conformance, StringComparison.Ordinal) || use.StartsWith(Demo, StringComparison.Ordinal);

    /// <summary>An error in no protocol's words: what <c>Failures</c> hands to the protocols to render.</summary>
    private static bool IsNeutralError(string use) => use.Contains("Trivet.Wire.Canonical.WireError", StringComparison.Ordinal) || use.Contains("Trivet.Wire.Canonical.ErrorClass", StringComparison.Ordinal);

    private static bool IsAdminEndpoint(TypeName t) => t.IsIn("Trivet.Server.Endpoints.Admin") || (t.IsIn("Trivet.Server.Endpoints") && t.Name.StartsWith("Admin", StringComparison.Ordinal));

    /// <summary>Every project but the sandbox, which stands for somebody else's server.</summary>
    private static IEnumerable<AssemblyUses> Gateway() => AllOfOurs.Where(n => n != "Trivet.Sandbox").Select(Ours);

    private static AssemblyUses Ours(string name) => AssemblyUses.Read(Path.Combine(AppContext.BaseDirectory, name + ".dll"));

    private static void Unbroken(IEnumerable<string> broken)
    {
        var all = broken.ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }
}
