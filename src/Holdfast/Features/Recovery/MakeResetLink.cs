using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>A link to choose a new password, made by whoever runs the server: for the person who cannot receive letters. Works once, as long as a mailed one.</summary>
public sealed class MakeResetLink(Db db, TimeProvider clock, RecoverySettings rules)
{
    /// <summary>Refuses with <c>account.unknown</c> (404).</summary>
    public Task<Outcome<SecretToken>> Run(string email) => db.Write<Outcome<SecretToken>>(async tx =>
        await AccountTable.ByEmail(tx, email) is { } account ? await In(tx, account, rules, clock.GetUtcNow()) : AccountRefusals.Unknown);

    /// <summary>The same within a transaction that does more.</summary>
    internal static async Task<SecretToken> In(WriteTx tx, Account account, RecoverySettings rules, DateTimeOffset now)
    {
        await AccountTable.Hold(tx, account.Id);
        var link = await ResetLink.Make(tx, account, rules, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ResetLinkMade, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["by"] = "command_line" } });
        return link;
    }
}
