using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Passwords;
using Holdfast.Storage;

namespace Holdfast.Features.Recovery;

/// <summary>The limits, the link, the letter and the entry in the log: all in the transaction of whoever asks. The letter goes to the address as it is stored, never to one that was typed.</summary>
public sealed class MailResetLink(PasswordLetters letters, HoldfastSettings settings)
{
    /// <param name="what">The entry that tells who asked.</param>
    /// <returns>Null when it was done; else how long nothing new is sent, and then nothing has happened: an older link goes on working.</returns>
    internal async Task<TimeSpan?> Run(WriteTx tx, Account account, AuditEvent what, DateTimeOffset now)
    {
        // Two nodes may be at two requests for one account: the second counts what the first has made.
        await AccountTable.Hold(tx, account.Id);
        var made = await LinkTable.MadeSince(tx, account.Id, LinkPurpose.ResetPassword, now - RecoveryPace.Window);
        if (RecoveryPace.Wait(made, settings.Recovery.LettersPerHour, now) is { } wait) return wait;
        await letters.Reset(tx, account, asked: true, now);
        await AuditLog.Record(tx, now, what);
        return null;
    }
}
