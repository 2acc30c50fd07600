using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>A link to choose a new password, made by whoever runs the server: for the person who cannot receive letters. Works once, as long as a mailed one.</summary>
public sealed class MakeResetLink(Db db, TimeProvider clock)
{
    /// <summary>Refuses with <c>account.unknown</c> (404).</summary>
    public Task<Outcome<SecretToken>> Run(string email) => db.Write<Outcome<SecretToken>>(async tx =>
        await AccountTable.ByEmail(tx, email) is { } account ? await In(tx, account, clock.GetUtcNow()) : AccountRefusals.Unknown);

    /// <summary>The same within a transaction that does more.</summary>
    internal static async Task<SecretToken> In(WriteTx tx, Account account, DateTimeOffset now)
    {
        var link = await LinkTable.Make(tx, account.Id, LinkPurpose.ResetPassword, now, ResetPassword.Lifetime);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ResetLinkMade, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["by"] = "command_line" } });
        return link;
    }

    /// <summary>The address to hand to the person.</summary>
    public static string Address(ServerSettings server, SecretToken link) => server.LinkTo($"/reset-password?token={link.Reveal()}");
}
