namespace Trivet.Benchmarks.Targets;

/// <summary>nginx as a plain reverse proxy: one worker, kept connections on both sides, no buffering of answers, no request body on disk.</summary>
internal static class NginxConfig
{
    public const string ReadyPath = "/bench/ready";

    public static string Make(string folder, int port, int vendorPort) => $$"""
        daemon off;
        worker_processes 1;
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        pid {{folder}}/nginx.pid;
        error_log stderr warn;
        events { worker_connections 10000; }
        http {
          access_log off;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          client_body_buffer_size 256k;
          client_max_body_size 8m;
          keepalive_requests 10000000;
          upstream vendor {
            server 127.0.0.1:{{vendorPort}};
            keepalive 256;
            keepalive_requests 10000000;
          }
          server {
            listen 127.0.0.1:{{port}};
            location = {{ReadyPath}} { return 200; }
            location / {
              proxy_pass http://vendor;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_buffering off;
            }
          }
        }
        """;
}
