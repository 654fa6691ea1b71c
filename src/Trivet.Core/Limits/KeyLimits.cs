using System.Collections.Concurrent;
using Trivet.Core.Keys;

namespace Trivet.Core.Limits;

/// <summary>All that bounds one key: its own limits, its team's and its organisation's. What is counted is shared with every other key that it bounds.</summary>
internal sealed class KeyLimits
{
    public MoneyBound[] Money { get; init; } = [];

    public MinuteCounter[] Requests { get; init; } = [];

    public MinuteCounter[] Tokens { get; init; } = [];

    public ConcurrencyCounter[] Concurrency { get; init; } = [];

    /// <summary>The same limits where several nodes keep them together; empty for a single node.</summary>
    public CountBound[] Shared { get; init; } = [];

    /// <summary>Something bounds it per minute, so that answers tell what is left.</summary>
    public bool HasMinutes => Requests.Length > 0 || Tokens.Length > 0;

    /// <summary>Nothing bounds it.</summary>
    public bool IsEmpty => Money.Length == 0 && Requests.Length == 0 && Tokens.Length == 0 && Concurrency.Length == 0;
}

/// <summary>Everything that is counted, by whom it is counted for and how far it may go. A limit that changes is counted anew; a budget's money is in the database and goes on.</summary>
internal sealed class LimitBoard(TimeProvider time, bool sharesCounts = false)
{
    private readonly ConcurrentDictionary<(string Organisation, string Team, string KeyId, Budget Budget), MoneyBound> _budgets = new();
    private readonly ConcurrentDictionary<(string Organisation, string Team, string Currency), MoneyBound> _prepaid = new();
    private readonly ConcurrentDictionary<(string Organisation, string Team, string KeyId, bool Tokens, int Limit), MinuteCounter> _minutes = new();
    private readonly ConcurrentDictionary<(string Organisation, string Team, string KeyId, int Limit), ConcurrencyCounter> _concurrency = new();
    private readonly ConcurrentDictionary<(CountKind Kind, string Organisation, string Team, string KeyId, int Limit), CountBound> _shared = new();

    /// <summary>The limits of a key, made once for each load of the keys.</summary>
    public KeyLimits For(KeyEntry key) => key.Limits ??= Make(key);

    private KeyLimits Make(KeyEntry key)
    {
        var (money, requests, tokens, concurrency) = (new List<MoneyBound>(), new List<MinuteCounter>(), new List<MinuteCounter>(), new List<ConcurrencyCounter>());
        var shared = new List<CountBound>();
        var record = key.Record;
        Add("", "", key.Owner.Budgets, key.Owner.RequestsPerMinute, key.Owner.TokensPerMinute, key.Owner.ConcurrentMax);
        if (key.TeamOwner is { } team)
            Add(team.Team, "", team.Budgets, team.RequestsPerMinute, team.TokensPerMinute, team.ConcurrentMax);
        Add(record.Team, record.Id, record.Budgets, record.RequestsPerMinute, record.TokensPerMinute, record.ConcurrentMax);
        if (Payer(key) is { } payer)
            money.Add(_prepaid.GetOrAdd((payer.Organisation, payer.Team, payer.PrepaidCurrency), at => new MoneyBound(at.Organisation, at.Team, at.Currency, time)));
        return new KeyLimits { Money = [.. money], Requests = [.. requests], Tokens = [.. tokens], Concurrency = [.. concurrency], Shared = [.. shared] };

        void Add(string teamName, string keyId, IReadOnlyList<Budget> budgets, int? requestsPerMinute, int? tokensPerMinute, int? concurrentMax)
        {
            foreach (var budget in budgets)
                money.Add(_budgets.GetOrAdd((record.Organisation, teamName, keyId, budget), at => new MoneyBound(at.Budget, at.Organisation, at.Team, at.KeyId, time)));
            if (requestsPerMinute is { } rpm)
                requests.Add(_minutes.GetOrAdd((record.Organisation, teamName, keyId, false, rpm), at => new MinuteCounter(at.Limit, time)));
            if (tokensPerMinute is { } tpm)
                tokens.Add(_minutes.GetOrAdd((record.Organisation, teamName, keyId, true, tpm), at => new MinuteCounter(at.Limit, time)));
            if (concurrentMax is { } most)
                concurrency.Add(_concurrency.GetOrAdd((record.Organisation, teamName, keyId, most), at => new ConcurrencyCounter(at.Limit)));
            if (!sharesCounts)
                return;
            Share(CountKind.Running, concurrentMax);
            Share(CountKind.Requests, requestsPerMinute);
            Share(CountKind.Tokens, tokensPerMinute);

            void Share(CountKind kind, int? limit)
            {
                if (limit is { } most)
                    shared.Add(_shared.GetOrAdd((kind, record.Organisation, teamName, keyId, most), at => new CountBound(at.Kind, at.Organisation, at.Team, at.KeyId, at.Limit, time)));
            }
        }
    }

    /// <summary>Whose prepaid balance pays for a key; null: its organisation, on credit.</summary>
    internal static OwnerRecord? Payer(KeyEntry key) =>
        key.TeamOwner is { PrepaidCurrency.Length: > 0 } team ? team : key.Owner.PrepaidCurrency.Length > 0 ? key.Owner : null;
}
