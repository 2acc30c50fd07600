using Holdfast.Configuration;
using Holdfast.Features.Sessions;

namespace Holdfast.Features.Passwords;

/// <summary>The words that a password of a certain person may not lean on: their own, the product's, the workspaces' (ASVS 6.1.2, 6.2.11).</summary>
public sealed class PasswordContexts(HoldfastSettings settings)
{
    public PasswordContext Of(SignedIn me) => Of(me.Account.Name, me.Account.Email, me.Memberships.Select(m => m.Workspace), me.Factors.IsOn);

    /// <param name="secondFactorOn">With two-factor on the password is never the only factor.</param>
    public PasswordContext Of(string name, string email, IEnumerable<string> workspaces, bool secondFactorOn = false) =>
        new([name, email, settings.Product.Name, .. workspaces], secondFactorOn);
}
