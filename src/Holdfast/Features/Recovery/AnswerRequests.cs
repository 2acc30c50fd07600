using System.Text.Json;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>
/// The other half of "Forgot password?", in the background: finds the account, and mails the link. The request goes in the same transaction, so that each is answered once, whoever dies over it and however many nodes there are.
/// </summary>
public sealed class AnswerRequests(Db db, KeyRing keys, MailResetLink mail, TimeProvider clock, ILogger<AnswerRequests> logger)
{
    /// <summary>How often it looks. Requests wake nobody: what is done about them shall not be felt by whoever asks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Longer than one takes, so that nobody else takes it up meanwhile.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>Answers what waits, oldest first, until nothing does. One that fails waits for its next try and holds up nobody.</summary>
    public async Task RunDue(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            // Looking first: a writer's turn each second for nothing would be too much.
            if (!await db.Read(tx => RecoveryRequestTable.AnyDue(tx, now), stop) || await db.Write(tx => RecoveryRequestTable.Claim(tx, now, Lease), stop) is not { } row) return;
            try
            {
                await Answer(row);
            }
            catch (Exception error)
            {
                // The row's id, and never whom it is about: somebody asked, who may have no account.
                logger.LogError(error, "Request {Id} for a new password waits for another try after attempt {Attempt}", row.Id, row.Attempts);
            }
        }
    }

    private async Task Answer(RecoveryRequestRow row)
    {
        var asked = keys.Open(RequestRecovery.Purpose + row.Id, row.Sealed) is { } json ? JsonSerializer.Deserialize(json, RecoveryJson.Default.RecoveryRequest) : null;
        if (asked is null) logger.LogError("Request {Id} for a new password cannot be opened with the keys of this server, and is dropped", row.Id);
        await db.Write(async tx =>
        {
            if (!await RecoveryRequestTable.Finish(tx, row) || asked is null || await AccountTable.ByEmail(tx, asked.Email) is not { SuspendedAt: null, ErasingAt: null } account) return Done.It;
            var client = new Client(asked.Address, asked.UserAgent, null) { Hints = asked.Hints };
            await mail.Run(tx, account, new AuditEvent(AuditKind.RecoveryAsked, account.Id, client) { ActorId = "" }, clock.GetUtcNow());
            return Done.It;
        });
    }
}
