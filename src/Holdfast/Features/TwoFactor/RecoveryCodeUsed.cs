using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Unusual;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Everything that a used recovery code means besides what it opened: an entry, a letter, and the wish for a new device.</summary>
public static class RecoveryCodeUsed
{
    /// <param name="methods">What was proven in all: <see cref="Sessions.ProofMethod"/>s joined by spaces.</param>
    /// <returns>How many codes are left.</returns>
    public static async Task<int> In(WriteTx tx, TwoFactorLetters letters, Account account, string sessionId, string methods, Client client, DateTimeOffset now)
    {
        var left = await RecoveryCodeTable.Left(tx, account.Id);
        await TwoFactorTable.WantNewDevice(tx, account.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.RecoveryCodeUsed, account.Id, client) { SessionId = sessionId, Data = new Dictionary<string, string> { ["count"] = left.ToString(CultureInfo.InvariantCulture) } });
        await FindUnusual.Raise(tx, account.Id, new Finding(UnusualKind.RecoveryCode, Severity.Medium, new Dictionary<string, string>()), sessionId, client, now);
        await letters.RecoveryCodeUsed(tx, account, client, left, methods, now);
        return left;
    }
}
