using System.Text.Json.Serialization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.SignUp;

/// <summary>Somebody who asked for an account and has not confirmed their address: no account exists before. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record SignUp
{
    /// <summary>How long a mailed link works, and how long what was typed is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Between two letters of one sign-up: people press twice.</summary>
    public static readonly TimeSpan LetterPause = TimeSpan.FromMinutes(1);

    /// <summary>Letters about sign-ups to one address in any 60 minutes: nobody's mailbox is to be filled by strangers.</summary>
    public const int LettersPerHour = 5;

    /// <summary>Wrong passwords at one link, after which it is over. Whoever holds the link reads the mailbox, and may always begin anew.</summary>
    public const int MostWrongPasswords = 10;

    /// <summary>Hash of the canonical address.</summary>
    public required TokenHash EmailMark { get; init; }

    public required string Id { get; init; }

    /// <summary>What was typed (<see cref="SignUpForm"/>'s fields, and from where), by a key outside the database.</summary>
    public required byte[] Sealed { get; init; }

    /// <summary>Null where the address had an account already.</summary>
    public TokenHash? LinkHash { get; init; }

    public DateTimeOffset SentAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public long WrongPasswords { get; init; }

    public bool IsOpen(DateTimeOffset now) => LinkHash is not null && now < EndsAt && WrongPasswords < MostWrongPasswords;

    public static TokenHash MarkOf(string email) => Link.MarkOf(MailAddressShape.Canonical(email));
}

/// <param name="Zone">Time zone that the browser reports; kept where it is one.</param>
/// <param name="Language">Of the page: the letters speak it, and the account keeps it.</param>
public sealed record SignUpForm(string Name, string Email, PlainPassword Password, string? Zone, string Language);

/// <summary>What somebody typed, checked, and from where.</summary>
/// <param name="Again">Hash of the secret with which the letter is asked for again, in hex.</param>
internal sealed record AskedSignUp(string Name, string Email, string Phc, string? PepperId, int Score, int LeastLength, string? Zone, string Language, string Again, DateTimeOffset AskedAt, string Address, string UserAgent, string Hints)
{
    internal ChosenPassword Password => new(new PasswordHash(Phc, PepperId), Score, LeastLength);

    internal Client Client => new(Address, UserAgent, null) { Hints = Hints };
}

/// <param name="Again">As in <see cref="AskedSignUp"/>.</param>
internal sealed record AskedAgain(string Again);

[JsonSerializable(typeof(AskedSignUp)), JsonSerializable(typeof(AskedAgain))]
internal sealed partial class SignUpJson : JsonSerializerContext;

public static class SignUpRefusals
{
    /// <summary>The setting says otherwise.</summary>
    public static readonly Refusal ByInvitation = new("sign_up.by_invitation", 403);
    public static readonly Refusal WrongPassword = new("sign_up.wrong_password", 401, "password");
    public static readonly Refusal Taken = new("sign_up.taken", 409);
}
