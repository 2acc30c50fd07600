using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>
/// A person wants another e-mail address: the new one gets a link, the old one a notice, and nothing else happens yet (ASVS 6.3.7, 7.5.1). Whether the new address has an account already is not
/// told here: its owner gets a letter that says so.
/// </summary>
public sealed class AskToChangeEmail(Db db, EmailChangeLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses at the field with <c>form.required</c>, <c>form.email</c>, <c>email_change.same</c> (400); with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403),
    /// <c>email_change.wait</c> and <c>email_change.too_often</c> (429). An earlier wish that still waits is dropped.
    /// </summary>
    public async Task<Outcome<EmailChange>> Run(SignedIn me, string email, Client client)
    {
        email = email.Trim();
        if (Fields.Email(email, "email") is { } wrong) return wrong;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<EmailChange>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await AccountTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (await AccountTable.ById(tx, me.Account.Id) is not { } account) return SessionRefusals.Ended;
            if (string.Equals(email, account.Email, StringComparison.Ordinal)) return EmailChangeRefusals.Same;
            if (EmailChange.WhyNoLetter(await EmailChangeTable.SentSince(tx, account.Id, now - EmailChange.LetterWindow), now) is { } tooOften) return tooOften;
            await EmailChangeTable.DropWaiting(tx, account.Id, now);
            var change = new EmailChange
            {
                AccountId = account.Id, Id = Ids.New(now), OldEmail = account.Email, NewEmail = email, AskedAt = now, Address = client.Address, UserAgent = client.UserAgent, Hints = client.Hints, Letters = 1, SentAt = now,
            };
            change = change with { ConfirmHash = await Send(tx, account, change, now) };
            await EmailChangeTable.Insert(tx, change);
            await letters.Asked(tx, account, change, client, now);
            await Record(tx, me, AuditKind.EmailChangeAsked, change, client, now);
            return change;
        });
    }

    /// <summary>Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>email_change.nothing_waits</c> (404), <c>email_change.wait</c> and <c>email_change.too_often</c> (429). Older links of this wish end.</summary>
    public Task<Outcome<EmailChange>> SendAgain(SignedIn me) => db.Write<Outcome<EmailChange>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (RequireProof.Of(me, now, settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        await AccountTable.Hold(tx, me.Account.Id);
        if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
        if (await EmailChangeTable.Waiting(tx, me.Account.Id) is not { } change || await AccountTable.ById(tx, me.Account.Id) is not { } account) return EmailChangeRefusals.NothingWaits;
        if (EmailChange.WhyNoLetter(await EmailChangeTable.SentSince(tx, account.Id, now - EmailChange.LetterWindow), now) is { } tooOften) return tooOften;
        await EmailChangeTable.SendAgain(tx, account.Id, change.Id, await Send(tx, account, change, now), now);
        return change;
    });

    /// <summary>Refuses with <c>email_change.nothing_waits</c> (404).</summary>
    public Task<Outcome<Done>> Withdraw(SignedIn me, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        var now = clock.GetUtcNow();
        await AccountTable.Hold(tx, me.Account.Id);
        if (await EmailChangeTable.Waiting(tx, me.Account.Id) is not { } change || !await EmailChangeTable.DropWaiting(tx, me.Account.Id, now)) return EmailChangeRefusals.NothingWaits;
        await Record(tx, me, AuditKind.EmailChangeWithdrawn, change, client, now);
        return Done.It;
    });

    /// <summary>The wish that waits; null when there is none.</summary>
    public Task<EmailChange?> Waiting(SignedIn me) => db.Read(tx => EmailChangeTable.Waiting(tx, me.Account.Id));

    /// <returns>The hash of the link; null when the address has an account, whose owner is told instead.</returns>
    private async Task<TokenHash?> Send(WriteTx tx, Account account, EmailChange change, DateTimeOffset now)
    {
        if (await AccountTable.ByEmail(tx, change.NewEmail) is { } owner && owner.Id != account.Id)
        {
            await letters.Taken(tx, owner, now);
            return null;
        }
        var link = await LinkTable.Make(tx, account.Id, LinkPurpose.ConfirmEmail, now, EmailChange.Lifetime);
        await letters.Confirm(tx, account, change, link, now);
        return link.Hash;
    }

    private static Task Record(WriteTx tx, SignedIn me, string kind, EmailChange change, Client client, DateTimeOffset now) => AuditLog.Record(tx, now, new AuditEvent(kind, me.Account.Id, client)
    {
        SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["email"] = change.NewEmail },
    });
}
