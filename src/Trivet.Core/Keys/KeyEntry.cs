using System.IO.Enumeration;
using Trivet.Core.Limits;

namespace Trivet.Core.Keys;

/// <summary>A key as request code sees it: everything that authentication and admission need, ready to read. Immutable.</summary>
public sealed class KeyEntry
{
    private readonly string[]? _allowedModels;

    private readonly string[]? _teamModels;
    private readonly string[]? _organisationModels;

    internal KeyEntry(KeyRecord record, OwnerRecord? organisation = null, OwnerRecord? team = null)
    {
        Record = record;
        Owner = organisation ?? new OwnerRecord { Organisation = record.Organisation };
        TeamOwner = team;
        _allowedModels = Patterns(record.AllowedModels);
        _teamModels = Patterns(team?.AllowedModels);
        _organisationModels = Patterns(organisation?.AllowedModels);
    }

    /// <summary>What is set for its organisation.</summary>
    public OwnerRecord Owner { get; }

    /// <summary>What is set for its team; null for nothing.</summary>
    public OwnerRecord? TeamOwner { get; }

    /// <summary>Its limits as the gate keeps them; filled by the gate at the first request.</summary>
    internal KeyLimits? Limits { get; set; }

    /// <summary>The stored record; holds the hash, never the key.</summary>
    public KeyRecord Record { get; }

    public string Id => Record.Id;

    public string Name => Record.Name;

    public string Organisation => Record.Organisation;

    public string Team => Record.Team;

    /// <summary>The policy that decides its requests; empty for none.</summary>
    public string Policy => Record.Policy;

    public bool LogsPayloads => Record.LogsPayloads;

    public bool IsAdmin => Record.IsAdmin;

    /// <summary>Whether this key, its team and its organisation may ask for a model by this name. <c>*</c> in a pattern matches any run of characters; case matters.</summary>
    public bool Allows(ReadOnlySpan<char> model) => Allow(_allowedModels, model) && Allow(_teamModels, model) && Allow(_organisationModels, model);

    private static string[]? Patterns(IReadOnlyList<string>? models) => models is null ? null : [.. models];

    private static bool Allow(string[]? patterns, ReadOnlySpan<char> model)
    {
        if (patterns is null)
            return true;
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, model, ignoreCase: false))
                return true;
        }

        return false;
    }
}

/// <summary>What a presented key came to. Everything but <see cref="Accepted"/> is answered alike to a client; logs may tell them apart.</summary>
public enum KeyVerdict
{
    /// <summary>No such key: the default.</summary>
    Unknown,
    Revoked,
    Expired,
    Accepted,
}
