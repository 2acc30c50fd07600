using Holdfast.Features.EmailChange;
using Holdfast.Features.SignIn;
using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>What no longer counts once a password or a factor has changed: sign-ins that are half done, another e-mail address that waits, and browsers that may skip the second step.</summary>
public static class DropTrust
{
    public static async Task Run(WriteTx tx, string accountId, DateTimeOffset now)
    {
        await PendingSignInTable.KillAll(tx, accountId, now);
        await EmailChangeTable.DropWaiting(tx, accountId, now);
        await TrustedBrowserTable.ForgetAll(tx, accountId);
    }
}
