using System.Text.Json;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>The other half of "Forgot password?", in the background: finds the account, and mails the link.</summary>
public sealed class AnswerRecovery(MailResetLink mail) : IQuietAnswer
{
    public string Kind => RequestRecovery.Kind;

    public async Task Run(WriteTx tx, byte[] asked, DateTimeOffset now)
    {
        var request = JsonSerializer.Deserialize(asked, RecoveryJson.Default.RecoveryRequest)!;
        if (await AccountTable.ByEmail(tx, request.Email) is not { SuspendedAt: null, ErasingAt: null } account) return;
        var client = new Client(request.Address, request.UserAgent, null) { Hints = request.Hints };
        await mail.Run(tx, account, new AuditEvent(AuditKind.RecoveryAsked, account.Id, client) { ActorId = "" }, now);
    }
}
