using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Accounts;

/// <param name="Language">One of <see cref="Text.Languages"/>; null or empty follows the browser.</param>
/// <param name="TimeZone">IANA name; null or empty means UTC until the browser tells.</param>
public sealed record ProfileForm(string Name, string? Language, string? TimeZone);

/// <summary>Name, language and time zone.</summary>
public sealed class ChangeProfile(Db db, TimeProvider clock)
{
    /// <summary>Refuses at the fields with <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c>, <c>profile.language</c>, <c>profile.time_zone</c> (400).</summary>
    public async Task<Outcome<Done>> Run(SignedIn me, ProfileForm form, Client client)
    {
        var name = form.Name.Trim();
        var language = string.IsNullOrEmpty(form.Language) ? null : form.Language;
        var zone = string.IsNullOrEmpty(form.TimeZone) ? null : form.TimeZone;
        if (Refusal.Combine([
            Fields.Line(name, "name", Account.MaximumNameLength),
            language is null || Text.Languages.Contains(language) ? null : new Refusal("profile.language", 400, "language"),
            zone is null || TimeZones.IsKnown(zone) ? null : new Refusal("profile.time_zone", 400, "timeZone")]) is { } wrong) return wrong;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            await AccountTable.SetProfile(tx, me.Account.Id, name, language, zone);
            await CopyToMembers.Run(tx, me.Account.Id);
            await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(AuditKind.ProfileChanged, me.Account.Id, client)
            {
                // By the former name the person is found in what others did, when they are erased.
                SessionId = me.Session.Id, Personal = name == me.Account.Name ? [] : new Dictionary<string, string> { ["oldName"] = me.Account.Name },
            });
            tx.Announce(new Announcement("account", me.Account.Id));
            return Done.It;
        });
    }
}
