namespace Trivet.Core.Snapshots;

/// <summary>What <c>trivet config init</c> writes: a file that works as it stands and shows the next steps.</summary>
public static class ConfigSample
{
    /// <summary>The text.</summary>
    public const string Yaml =
        """
        # yaml-language-server: $schema=./trivet.schema.json
        # `trivet config schema > trivet.schema.json` writes that schema; `trivet config validate` checks this file.
        # ${NAME} takes a value from the environment, ${NAME:-default} with a default. Changes take effect while Trivet runs.

        listen: http://127.0.0.1:4180
        data: ./trivet-data                    # database and spool
        database: sqlite                       # or postgres://user:password@host:5432/trivet

        upstreams:
          - name: sandbox                      # a scripted vendor for trying things: no key, no cost, not a model
            vendor: sandbox

          # - name: deepseek                   # a vendor's profile knows endpoints, auth and quirks
          #   vendor: deepseek
          #   keys: ["${DEEPSEEK_API_KEY}"]

          # - name: relay                      # anything else: say which protocols it speaks and where
          #   vendor: new-api
          #   keys: ["${RELAY_API_KEY}"]
          #   endpoints:
          #     openai-chat: https://relay.example/v1          # /chat/completions is appended
          #     anthropic-messages: https://relay.example      # /v1/messages is appended
          #   models: [claude-sonnet-5, deepseek-v4-pro]
          #   deadlines: { connect: 2s, first_content: 30s, idle: 30s, total: 10m }
          #   price: { factor: 0.38 }          # of the catalogue's price

        routes:
          # - model: claude-*                  # whatever an agent asks for by that name …
          #   candidates:
          #     - { upstream: deepseek, model: deepseek-v4-pro }   # … this one answers
          #     - { upstream: relay, model: claude-sonnet-5 }      # … and this one when it cannot
          #   policy: in-order                 # or weighted

        """;
}
