namespace Trivet.Core.Failures;

/// <summary>Why a store could not do what it was asked. Says what a caller can do about it, not which driver complained.</summary>
public enum StoreFaultKind
{
    /// <summary>The database cannot be reached, is busy or is shutting down: the same call may succeed later.</summary>
    Unavailable,

    /// <summary>A unique name or id is taken already.</summary>
    Conflict,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>The database is of a newer or a different schema than this program.</summary>
    SchemaMismatch,

    /// <summary>The database refused the statement: a mistake of ours or a broken database. Retrying does not help.</summary>
    Rejected,
}

/// <summary>One failure of a store. <paramref name="Message"/> is for operators; it holds no secret (no connection string, no row values).</summary>
public sealed record StoreFault(StoreFaultKind Kind, string Message)
{
    /// <summary>Whether waiting and trying again is sensible.</summary>
    public bool IsTransient => Kind == StoreFaultKind.Unavailable;
}

/// <summary>What a store call came to: a value, or a fault as a value. Driver exceptions never leave Storage.</summary>
public readonly record struct StoreOutcome<T>
{
    private readonly T? _value;

    private StoreOutcome(T? value, StoreFault? fault)
    {
        _value = value;
        Fault = fault;
    }

    /// <summary>Null when the call succeeded.</summary>
    public StoreFault? Fault { get; }

    public bool IsSuccess => Fault is null;

    /// <summary>The value of a call that succeeded; asking a failed one is a bug and throws.</summary>
    public T Value => Fault is null ? _value! : throw new InvalidOperationException($"The store failed ({Fault.Kind}): {Fault.Message}");

    public static implicit operator StoreOutcome<T>(T value) => From(value);

    public static implicit operator StoreOutcome<T>(StoreFault fault) => new(default, fault);

    internal static StoreOutcome<T> From(T value) => new(value, null);
}

/// <summary>For values of an interface type, which C# does not convert implicitly.</summary>
public static class StoreOutcome
{
    public static StoreOutcome<T> Of<T>(T value) => StoreOutcome<T>.From(value);
}
