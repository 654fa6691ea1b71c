using System.IO.Enumeration;
using Trivet.Core.Limits;

namespace Trivet.Core.Keys;

/// <summary>A key as request code sees it: everything that authentication and admission need, ready to read. Immutable.</summary>
public sealed class KeyEntry
{
    private readonly string[]? _allowedModels;

    internal KeyEntry(KeyRecord record)
    {
        Record = record;
        _allowedModels = record.AllowedModels is null ? null : [.. record.AllowedModels];
    }

    /// <summary>The stored record; holds the hash, never the key.</summary>
    public KeyRecord Record { get; }

    public string Id => Record.Id;

    public string Name => Record.Name;

    public string Organisation => Record.Organisation;

    public string Team => Record.Team;

    public Budget? Budget => Record.Budget;

    public int? RequestsPerMinute => Record.RequestsPerMinute;

    public int? TokensPerMinute => Record.TokensPerMinute;

    public bool LogsPayloads => Record.LogsPayloads;

    public bool IsAdmin => Record.IsAdmin;

    /// <summary>Whether this key may ask for a model by this name. <c>*</c> in a pattern matches any run of characters; case matters.</summary>
    public bool Allows(ReadOnlySpan<char> model)
    {
        if (_allowedModels is null)
            return true;
        foreach (var pattern in _allowedModels)
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
