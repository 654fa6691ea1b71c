using System.Net;
using System.Text.Json;
using Trivet.Core.Catalogue;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Accounts;

namespace Trivet.Core.Relay.Probing;

/// <summary>How an upstream's account stands, as the vendor tells it.</summary>
/// <param name="Upstream">Which upstream.</param>
/// <param name="CredentialId">Which of its credentials; null where it has none.</param>
public sealed record AccountState(UpstreamConfig Upstream, string? CredentialId)
{
    /// <summary>Money that was paid ahead.</summary>
    public IReadOnlyList<AccountBalance> Balances { get; init; } = [];

    /// <summary>Windows of a plan's quota.</summary>
    public IReadOnlyList<AccountQuota> Quotas { get; init; } = [];

    /// <summary>Why there is nothing; null where there is something.</summary>
    public string? Problem { get; init; }
}

/// <summary>Asks vendors how accounts stand, where they have an endpoint for it. Sends once with each credential and costs nothing.</summary>
public sealed class AccountProbe(ModelCatalogue catalogue, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>True: the vendor has an endpoint for the upstream's site.</summary>
    public static bool CanAsk(UpstreamConfig upstream) => ReadingsFor(upstream).Any();

    /// <summary>One state for each credential.</summary>
    public async Task<IReadOnlyList<AccountState>> AskAsync(UpstreamConfig upstream, CancellationToken cancellationToken)
    {
        var readings = ReadingsFor(upstream).ToList();
        if (readings.Count == 0 || upstream.Endpoints.Count == 0)
            return [new AccountState(upstream, null) { Problem = $"{upstream.Profile.DisplayName} has no endpoint that Trivet knows for it." }];
        using var connections = new UpstreamState(upstream, time);
        var states = new List<AccountState>();
        foreach (var credential in upstream.Credentials)
        {
            var state = new AccountState(upstream, credential.Id);
            foreach (var reading in readings)
                state = await AskAsync(connections, state, reading, credential, cancellationToken);
            states.Add(state.Balances.Count + state.Quotas.Count > 0 ? state with { Problem = null } : state with { Problem = state.Problem ?? "Its answer tells nothing that Trivet knows to read." });
        }

        return states.Count > 0 ? states : [new AccountState(upstream, null) { Problem = "No key is configured." }];
    }

    private static IEnumerable<AccountReading> ReadingsFor(UpstreamConfig upstream) =>
        upstream.Profile.Account.Where(reading => reading.Sites.Count == 0 || upstream.Site is null || reading.Sites.Contains(upstream.Site, StringComparer.Ordinal));

    private async Task<AccountState> AskAsync(UpstreamState connections, AccountState state, AccountReading reading, Credential credential, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(state.Upstream.Endpoints[0].BaseUri.GetLeftPart(UriPartial.Authority)), reading.Path));
        UpstreamRequest.Authorize(message, AuthScheme.Bearer, credential.Key.Reveal());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var response = await connections.Connections.SendAsync(message, patience.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return state with { Problem = $"HTTP {(int)response.StatusCode} from {message.RequestUri!.Authority}{reading.Path}." };
            await using var stream = await UpstreamAnswer.OpenAsync(response, patience.Token);
            using var answer = await JsonDocument.ParseAsync(stream, default, patience.Token);
            return reading.Kind == AccountKind.Balance
                ? state with { Balances = [.. state.Balances, .. AccountAnswer.Balances(answer.RootElement, reading, reading.CurrencyIs.Length > 0 ? reading.CurrencyIs : CurrencyOf(state.Upstream))] }
                : state with { Quotas = [.. state.Quotas, .. AccountAnswer.Quotas(answer.RootElement, reading)] };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            return state with { Problem = $"No answer that can be read from {message.RequestUri!.Authority}{reading.Path}: {exception.Message}" };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return state with { Problem = $"No answer from {message.RequestUri!.Authority} within {Patience.TotalSeconds} s." };
        }
    }

    private string CurrencyOf(UpstreamConfig upstream) => upstream.Currency ?? catalogue.Find(upstream.Vendor)?.CurrencyOf(upstream.Site) ?? "";
}
