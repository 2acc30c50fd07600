using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Workspaces;

/// <summary>Puts letters about somebody's place in a workspace into the outbox, in the transaction of what they tell of.</summary>
public sealed class WorkspaceLetters(SendLetters outbox, HoldfastSettings settings)
{
    public Task Tell(WriteTx tx, Account person, string kind, WorkspaceActor actor, DateTimeOffset now, Role? role = null, string? other = null, DateTimeOffset? until = null) =>
        Tell(tx, person, kind, actor.Workspace, actor.Name, now, role, other, until);

    /// <param name="kind">Middle of the text keys <c>letter.member.{kind}.…</c>.</param>
    /// <param name="workspace">Its name.</param>
    /// <param name="by">Name of whoever did what it tells of.</param>
    /// <param name="role">The role that it is about.</param>
    /// <param name="until">A day that it is about.</param>
    public async Task Tell(WriteTx tx, Account person, string kind, string workspace, string by, DateTimeOffset now, Role? role = null, string? other = null, DateTimeOffset? until = null)
    {
        var text = Text.For(person.Language);
        var facts = new MemberFacts(person.Email, person.FirstName, workspace, by, LetterTime.Format(text, now, person.TimeZone), role?.Named(text), other,
            until is { } day ? LetterTime.Format(text, day, person.TimeZone) : null, settings.Server.LinkTo("/account/security"));
        await outbox.Enqueue(tx, $"member_{kind}", person.Id, MemberLetter.Build(settings.Product, text, kind, facts), now);
    }
}
