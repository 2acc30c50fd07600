using Holdfast.Features.Workspaces;
using Holdfast.Secrets;

namespace Holdfast.Features.Invitations;

/// <summary>An invitation to a workspace. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record Invitation
{
    /// <summary>Between two letters to one address: people press twice.</summary>
    public static readonly TimeSpan LetterPause = TimeSpan.FromMinutes(1);

    /// <summary>Letters of one workspace to one address within <see cref="LetterWindow"/>: other people's mailboxes are not ours to fill.</summary>
    public const int MostLetters = 5;

    public static readonly TimeSpan LetterWindow = TimeSpan.FromHours(1);

    /// <returns>How long no other letter goes to an address; null when one may now.</returns>
    /// <param name="letters">Those of the last <see cref="LetterWindow"/>.</param>
    public static TimeSpan? Wait(long letters, DateTimeOffset? last, DateTimeOffset now)
    {
        var next = last is not { } at ? now : letters >= MostLetters ? at + LetterWindow : at + LetterPause;
        return next > now ? next - now : null;
    }

    public required string WorkspaceId { get; init; }

    public required string Id { get; init; }

    public required string Email { get; init; }

    /// <summary>As the inviter wrote it: fills in the form, and stands in no letter. May be empty.</summary>
    public required string Name { get; init; }

    /// <summary>owner is never given this way; admin, member, or the id of a custom role.</summary>
    public required string Role { get; init; }

    public required string Language { get; init; }

    public TokenHash LinkHash { get; init; }

    public required string InvitedBy { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset SentAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public string? AcceptedBy { get; init; }

    public DateTimeOffset? WithdrawnAt { get; init; }

    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && WithdrawnAt is null && now < EndsAt;

    /// <summary>
    /// An invitation is worth what its inviter is worth when it is accepted: somebody who was removed, suspended, or may no longer give this role leaves no way in behind.
    /// </summary>
    /// <param name="inviter">Null when they are no member any more.</param>
    /// <param name="role">Null when there is no such role any more.</param>
    public static bool StillStands(Membership? inviter, Role? role) =>
        inviter is { SuspendedAt: null } && role is not null && inviter.Rights.Allows(Permission.UsersInvite) && inviter.Rights.WhyNotGrant(role) is null;
}

/// <summary>One line of what is to be sent.</summary>
/// <param name="Number">Where it stood, from 1.</param>
/// <param name="Role">Key or name of a role; empty means member.</param>
public sealed record InviteLine(int Number, string Email, string Name, string Role);

/// <summary>What became of a line. Permanent names.</summary>
public static class InviteOutcome
{
    public const string Invited = "invited";
    public const string Again = "sent_again";
    public const string HereAlready = "here_already";
    public const string InvitedAlready = "invited_already";
    public const string Twice = "twice";
    public const string Refused = "refused";

    /// <summary>Those that a letter goes out for.</summary>
    public static bool Sends(string outcome) => outcome is Invited or Again;
}

/// <param name="Role">As it was found; null when there is none.</param>
/// <param name="SameAs">Number of the line that is the same; 0 when there is none.</param>
/// <param name="Why">Why nothing was sent.</param>
public sealed record InviteResult(InviteLine Line, string Outcome, Role? Role, int SameAs = 0, Web.Refusal? Why = null);
