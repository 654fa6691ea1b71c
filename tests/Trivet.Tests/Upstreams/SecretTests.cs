using System.Collections;
using System.Reflection;
using System.Text.Json;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Tests.Snapshots;

namespace Trivet.Tests.Upstreams;

public sealed class SecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trivet-secret-").FullName;

    [Fact]
    public void A_secret_prints_and_serializes_as_nothing()
    {
        var secret = new Secret("CANARY");

        Assert.Equal("***", $"{secret}");
        Assert.DoesNotContain("CANARY", JsonSerializer.Serialize(secret));
        Assert.DoesNotContain("CANARY", new Credential("a#1", secret).ToString());
        Assert.Equal("CANARY", secret.Reveal());
    }

    [Fact]
    public void No_object_of_a_configuration_prints_or_serializes_a_secret()
    {
        var config = ConfigReaderTests.Good(
            """
            database: postgres://root:CANARY@db.example/trivet
            telemetry: { otlp_endpoint: https://otlp.example, otlp_headers: { authorization: CANARY } }
            upstreams:
              - name: lab
                vendor: custom
                keys: [CANARY, CANARY2]
                endpoints: { openai-chat: https://x.example/v1 }
                headers: { X-Secret: CANARY }
                proxy: http://ann:CANARY@proxy.example:3128
            """);
        Assert.Equal("CANARY", config.Upstreams[0].Proxy!.Password!.Reveal());

        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Walk(config, seen);

        Assert.Contains(seen, item => item is Credential);
        Assert.Contains(seen, item => item is ProxyConfig);
        Assert.All(seen, item => Assert.DoesNotContain("CANARY", item.ToString() ?? ""));
        Assert.DoesNotContain("CANARY", JsonSerializer.Serialize(config));
    }

    [Fact]
    public void What_is_sealed_opens_in_its_own_context_only()
    {
        using var box = SecretBox.Open(_folder);
        var sealedBytes = box.Seal(new Secret("s3cret"), "upstream:lab");

        Assert.True(box.TryUnseal(sealedBytes, "upstream:lab", out var secret));
        Assert.Equal("s3cret", secret.Reveal());
        Assert.False(box.TryUnseal(sealedBytes, "upstream:other", out _));
        Assert.DoesNotContain("s3cret", System.Text.Encoding.Latin1.GetString(sealedBytes));
    }

    [Fact]
    public void A_changed_byte_anywhere_is_noticed()
    {
        using var box = SecretBox.Open(_folder);
        var sealedBytes = box.Seal(new Secret("s3cret"), "c");

        for (var i = 0; i < sealedBytes.Length; i++)
        {
            sealedBytes[i] ^= 1;
            Assert.False(box.TryUnseal(sealedBytes, "c", out _));
            sealedBytes[i] ^= 1;
        }

        Assert.False(box.TryUnseal(sealedBytes.AsSpan(0, 10), "c", out _));
        Assert.True(box.TryUnseal(sealedBytes, "c", out _));
    }

    [Fact]
    public void The_same_secret_is_sealed_differently_each_time()
    {
        using var box = SecretBox.Open(_folder);

        Assert.NotEqual(box.Seal(new Secret("x"), "c"), box.Seal(new Secret("x"), "c"));
    }

    [Fact]
    public void The_key_outlives_the_process_and_only_its_owner_may_read_it()
    {
        byte[] sealedBytes;
        using (var first = SecretBox.Open(_folder)) sealedBytes = first.Seal(new Secret("x"), "c");
        using var second = SecretBox.Open(_folder);

        Assert.True(second.TryUnseal(sealedBytes, "c", out _));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, SecretBox.FileName)));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_damaged_key_file_is_said_to_be_so()
    {
        File.WriteAllBytes(Path.Combine(_folder, SecretBox.FileName), new byte[5]);

        Assert.Contains("is damaged", Assert.Throws<InvalidDataException>(() => SecretBox.Open(_folder)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Walk(object? item, HashSet<object> seen)
    {
        if (item is null or string or Uri || item.GetType().IsPrimitive || !seen.Add(item)) return;
        if (item is IEnumerable list)
        {
            foreach (var entry in list) Walk(entry, seen);
            return;
        }

        if (item.GetType().Namespace?.StartsWith("Trivet", StringComparison.Ordinal) != true && !item.GetType().Name.StartsWith("KeyValuePair", StringComparison.Ordinal)) return;
        foreach (var property in item.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.GetIndexParameters().Length == 0) Walk(property.GetValue(item), seen);
    }
}
