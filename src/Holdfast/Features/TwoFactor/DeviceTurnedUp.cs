using Holdfast.Features.Sessions;
using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>After a sign-in: the device that a recovery code stood in for has turned up, so that no new one is wanted.</summary>
public static class DeviceTurnedUp
{
    /// <param name="method">What the sign-in was done with. A code shows that the app is there; a passkey shows it only where there is no app that could be the lost one.</param>
    public static async Task In(WriteTx tx, string accountId, string method)
    {
        if (method == ProofMethod.Passkey && (await TotpTable.Confirmed(tx, accountId)).Count > 0) return;
        if (await TwoFactorTable.WantNoNewDevice(tx, accountId)) tx.Announce(new Announcement("account", accountId));
    }
}
