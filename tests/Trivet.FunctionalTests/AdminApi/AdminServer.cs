using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Money;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.AdminApi;

/// <summary>A running gateway with a token for every role and a few requests in its books.</summary>
public sealed class AdminServer : IAsyncLifetime
{
    internal const int Requests = 3;

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _tokens = [];
    private SandboxHost? _sandbox;
    private TrivetProcess? _trivet;

    internal Uri Address => _trivet!.Address;

    internal string FirstKey => _trivet!.Key;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions());
        var config = new TrivetYaml().Chat("lab", _sandbox.Address, "sk-lab", MoneyLab.Price).WriteTo(_folder);
        _trivet = await TrivetProcess.ServeAsync(config, _folder.File("data"));
        foreach (var role in (string[])["viewer", "accountant", "operator", "owner"])
        {
            await using var verb = await _trivet.RunVerbAsync("admin-tokens", "create", role, "--role", role, "--json");
            Assert.True(verb.ExitCode == 0, verb.Everything);
            _tokens[role] = JsonDocument.Parse(verb.Output).RootElement.GetProperty("token").GetString()!;
        }

        for (var i = 0; i < Requests; i++)
            using (await MoneyLab.AskAsync(_trivet.Address, _trivet.Key, MoneyLab.Chat("lab/sandbox-text-20")))
            {
                // Booked within a second.
            }
    }

    public async ValueTask DisposeAsync()
    {
        if (_trivet is not null)
            await _trivet.DisposeAsync();
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Asks as somebody of a role; null: as nobody.</summary>
    internal async Task<Answer> AskAsync(string? role, string method, string path, string? body = null, string contentType = "application/json")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Address, path));
        if (role is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.GetValueOrDefault(role, role));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await http.SendAsync(request, Cancel);
        return new Answer(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", await answer.Content.ReadAsStringAsync(Cancel), answer.Headers.WwwAuthenticate.ToString());
    }

    /// <summary>The requests once they are booked.</summary>
    internal async Task<JsonElement> BookedAsync()
    {
        while (true)
        {
            var page = (await AskAsync("viewer", "GET", "/admin/v1/requests?model=lab/sandbox-text-20")).Json;
            if (page.GetProperty("requests").GetArrayLength() >= Requests)
                return page;
            await Task.Delay(50, Cancel);
        }
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, string ContentType, string Text, string Challenge)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The words of a problem.</summary>
    public string Detail => ContentType == "application/problem+json" ? Json.GetProperty("detail").GetString()! : $"no problem details but {ContentType}: {Text}";
}
