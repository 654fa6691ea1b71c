using System.Diagnostics;
using Trivet.Benchmarks.Vendor;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Targets;

/// <summary>The real server process with a generated trivet.yaml: authentication, routing, metering and prices on, nothing turned off; <see cref="TargetNames.Unbooked"/> has no prices.</summary>
internal static class TrivetTarget
{
    private const string Price = "price: { currency: USD, per_million: { input: 0.3, cache_read: 0.03, output: 1.2 } }";

    public static async Task<Target> StartAsync(string name, DirectoryInfo folder, Target vendor, string? file)
    {
        var server = file ?? FindBuilt();
        var port = Target.FreePort();
        var config = Path.Combine(folder.FullName, "trivet.yaml");
        var url = vendor.Url.ToString().TrimEnd('/');
        await File.WriteAllTextAsync(config, Config(url, name == TargetNames.Unbooked ? "unpriced: allow" : Price));
        var data = Path.Combine(folder.FullName, "trivet-data");
        var target = await Target.StartAsync(name, port, "/readyz", "/metrics", Start("serve", "--listen", $"http://127.0.0.1:{port}", "--config", config, "--data", data));
        if (name == TargetNames.Booked)
            await LimitAsync(Start("orgs", "set", "default", "--budget", "1000000USD/month", "--data", data));
        return target;

        ProcessStartInfo Start(params string[] words)
        {
            string[] prefix = server.EndsWith(".dll", StringComparison.Ordinal) ? [server] : [];
            var start = new ProcessStartInfo(prefix.Length == 0 ? server : "dotnet", [.. prefix, .. words]) { WorkingDirectory = folder.FullName };
            start.Environment["TRIVET_KEY"] = BenchKey.Value;
            return start;
        }
    }

    // Beside the running server, which sees it within a second: long before the warm-up is over.
    private static async Task LimitAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var verb = Process.Start(start)!;
        var said = await verb.StandardOutput.ReadToEndAsync();
        await verb.WaitForExitAsync();
        if (verb.ExitCode != 0)
            throw new BenchFailedException($"no budget could be set: {said}");
    }

    /// <summary>What the build of this project also built: the server's own output folder, of the same configuration.</summary>
    public static string FindBuilt()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));       // …/bin/Release/net10.0
        var relative = Path.Combine("src", "Trivet.Server", "bin", output.Parent!.Name, output.Name, "trivet.dll");
        for (var folder = output; folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Trivet.slnx")))
                continue;
            var file = Path.Combine(folder.FullName, relative);
            return File.Exists(file) ? file : throw new BenchFailedException($"trivet: {file} is not built");
        }
        throw new BenchFailedException("trivet: run the bench from a checkout, or name the server with --trivet FILE");
    }

    private static string Config(string vendor, string price) => $$"""
        upstreams:
          - name: both
            vendor: custom
            keys: ["dummy"]
            endpoints:
              openai-chat: {{vendor}}/v1
              anthropic-messages: {{vendor}}
            models: [{{string.Join(", ", VendorModels.BothProtocols)}}]
            {{price}}
          - name: chat-only
            vendor: custom
            keys: ["dummy"]
            endpoints:
              openai-chat: {{vendor}}/v1
            models: [{{string.Join(", ", VendorModels.ChatOnly)}}]
            {{price}}
        {{string.Concat(Only(vendor, price))}}
        """;

    private static IEnumerable<string> Only(string vendor, string price) => ProtocolNames.All.Select(protocol => $$"""
          - name: only-{{protocol.Key}}
            vendor: custom
            keys: ["dummy"]
            endpoints:
              {{protocol.Key}}: {{vendor}}{{(protocol.Value switch { Protocol.AnthropicMessages => "", Protocol.Gemini => "/v1beta", _ => "/v1" })}}
            models: [{{string.Join(", ", VendorModels.AllOnly(protocol.Value))}}]
            {{price}}

        """);
}
