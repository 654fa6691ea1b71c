using Trivet.Core.Users;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>Who may ask for something: a mark on each endpoint. One without a mark is the owners' alone.</summary>
internal enum AdminAccess
{
    /// <summary>Whoever has a token.</summary>
    Read,

    /// <summary>Accountants and owners: what books money.</summary>
    Account,

    /// <summary>Operators and owners: keys and limits.</summary>
    Operate,

    /// <summary>Owners: who may what.</summary>
    Own,
}

/// <summary>Who asks, as found at the door.</summary>
/// <param name="Name">The token's name or the key's.</param>
/// <param name="Role">What they may.</param>
internal sealed record AdminCaller(string Name, UserRole Role)
{
    public bool May(AdminAccess access) => access switch
    {
        AdminAccess.Read => true,
        AdminAccess.Account => Role is UserRole.Accountant or UserRole.Owner,
        AdminAccess.Operate => Role is UserRole.Operator or UserRole.Owner,
        _ => Role is UserRole.Owner,
    };
}
