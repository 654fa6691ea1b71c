namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Configuration files.</summary>
internal static class ConfigSeeds
{
    public static string[] All { get; } =
    [
        """
        listen: http://127.0.0.1:4180
        data: ./d
        database: sqlite
        upstreams:
          - name: lab
            vendor: custom
            keys: ["k", "${K}"]
            endpoints:
              openai-chat: http://127.0.0.1:9001/v1
            models: [a, "*"]
            deadlines: { connect: 2s, first_content: 10s, idle: 15s, total: 10m }
            price: { currency: USD, per_million: { input: 0.3, cache_read: 0.03, output: 1.2 } }
        routes:
          - model: a
            candidates:
              - { upstream: lab, model: a, weight: 2 }
            policy: weighted
        """,
        "upstreams:\n  - &a { name: x, vendor: openai, keys: [k], price: { factor: 0.38 } }\n  - *a\n",
        "data: |\n  a\n  b\nroutes: []\n",
    ];
}
