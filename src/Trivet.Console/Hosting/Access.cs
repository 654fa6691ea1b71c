using Trivet.Core.Users;

namespace Trivet.WebConsole.Hosting;

/// <summary>Who may see a page or send a form.</summary>
internal enum Access
{
    /// <summary>Anybody, signed in or not: signing in itself.</summary>
    Anybody,

    /// <summary>Whoever is signed in.</summary>
    Read,

    /// <summary>Accountants and owners: what books money.</summary>
    Account,

    /// <summary>Operators and owners: what runs the gateway.</summary>
    Operate,

    /// <summary>Owners: users, and what decides over others.</summary>
    Own,
}

/// <summary>The one table of who may what.</summary>
internal static class AccessRules
{
    public static bool Allows(this Access access, UserRole? role) => access switch
    {
        Access.Anybody => true,
        Access.Read => role is not null,
        Access.Account => role is UserRole.Accountant or UserRole.Owner,
        Access.Operate => role is UserRole.Operator or UserRole.Owner,
        Access.Own => role is UserRole.Owner,
        _ => false,
    };
}
