using Trivet.Core.Limits;

namespace Trivet.Core.Keys;

/// <summary>What a person changes of what somebody may do: a key's, a team's, an organisation's. Null: it stays as it is.</summary>
public record LimitChange
{
    /// <summary>Empty: no budget.</summary>
    public IReadOnlyList<Budget>? Budgets { get; init; }

    /// <summary>0: no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>0: no limit.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Requests at a time; 0: no limit.</summary>
    public int? ConcurrentMax { get; init; }

    /// <summary>Names or patterns; <see cref="AllModels"/> for every one.</summary>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Says that every model may be asked for.</summary>
    public static IReadOnlyList<string> AllModels { get; } = ["*"];

    private protected static int? Limit(int? given, int? before) => given is null ? before : given == 0 ? null : given;

    private protected static IReadOnlyList<string>? Models(IReadOnlyList<string>? given, IReadOnlyList<string>? before) => given is null ? before : given.Contains("*", StringComparer.Ordinal) ? null : given;
}

/// <summary>What a person changes of a key.</summary>
public sealed record KeyChange : LimitChange
{
    /// <summary>Who changes it, for the journal; empty: the program itself.</summary>
    public string By { get; init; } = "";

    public string? Name { get; init; }

    /// <summary>Empty: it belongs to no team.</summary>
    public string? Team { get; init; }

    /// <summary>The policy that decides its requests; empty: none.</summary>
    public string? Policy { get; init; }

    /// <summary>Whether what is said with it is recorded.</summary>
    public bool? LogsPayloads { get; init; }

    /// <summary>Unix milliseconds; 0: it never ends.</summary>
    public long? ExpiresAtMs { get; init; }

    internal KeyRecord ApplyTo(KeyRecord key) => key with
    {
        Name = Name ?? key.Name,
        Team = Team ?? key.Team,
        Budgets = Budgets ?? key.Budgets,
        RequestsPerMinute = Limit(RequestsPerMinute, key.RequestsPerMinute),
        TokensPerMinute = Limit(TokensPerMinute, key.TokensPerMinute),
        ConcurrentMax = Limit(ConcurrentMax, key.ConcurrentMax),
        AllowedModels = Models(AllowedModels, key.AllowedModels),
        Policy = Policy ?? key.Policy,
        LogsPayloads = LogsPayloads ?? key.LogsPayloads,
        ExpiresAtMs = ExpiresAtMs is null ? key.ExpiresAtMs : ExpiresAtMs == 0 ? null : ExpiresAtMs,
    };

    /// <summary>What is no longer as it was, in words.</summary>
    internal static List<string> Parts(KeyRecord before, KeyRecord after)
    {
        var parts = new List<string>();
        Add(before.Name == after.Name, $"name (was {before.Name})");
        Add(before.Team == after.Team, "team");
        Add(before.Budgets.SequenceEqual(after.Budgets), "budgets");
        Add((before.RequestsPerMinute, before.TokensPerMinute, before.ConcurrentMax) == (after.RequestsPerMinute, after.TokensPerMinute, after.ConcurrentMax), "limits");
        Add((before.AllowedModels ?? []).SequenceEqual(after.AllowedModels ?? [], StringComparer.Ordinal), "models");
        Add(before.Policy == after.Policy, "policy");
        Add(before.ExpiresAtMs == after.ExpiresAtMs, "expiry");
        Add(before.LogsPayloads == after.LogsPayloads, after.LogsPayloads ? "recording on" : "recording off");
        return parts;

        void Add(bool isSame, string part)
        {
            if (!isSame)
                parts.Add(part);
        }
    }
}

/// <summary>What a person changes of an organisation or a team.</summary>
public sealed record OwnerChange : LimitChange
{
    public Pricing? Pricing { get; init; }

    public long? MarginMillionths { get; init; }

    /// <summary>Empty: on credit.</summary>
    public string? PrepaidCurrency { get; init; }

    internal OwnerRecord ApplyTo(OwnerRecord owner) => owner with
    {
        Budgets = Budgets ?? owner.Budgets,
        RequestsPerMinute = Limit(RequestsPerMinute, owner.RequestsPerMinute),
        TokensPerMinute = Limit(TokensPerMinute, owner.TokensPerMinute),
        ConcurrentMax = Limit(ConcurrentMax, owner.ConcurrentMax),
        AllowedModels = Models(AllowedModels, owner.AllowedModels),
        Pricing = Pricing ?? owner.Pricing,
        MarginMillionths = MarginMillionths ?? owner.MarginMillionths,
        PrepaidCurrency = PrepaidCurrency ?? owner.PrepaidCurrency,
    };
}
