using System.Text.Json;
using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Features.SignIn;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.SignUp;

/// <summary>The other half of "Make my account", in the background: mails the link, or that there is an account already. The owner of the mailbox alone learns which.</summary>
public sealed class AnswerSignUp(KeyRing keys, SignUpLetters letters) : IQuietAnswer
{
    public string Kind => AskToSignUp.Kind;

    public async Task Run(WriteTx tx, byte[] asked, DateTimeOffset now)
    {
        var form = JsonSerializer.Deserialize(asked, SignUpJson.Default.AskedSignUp)!;
        var mark = SignUp.MarkOf(form.Email);
        await Hold(tx, mark, now);
        if (await SignUpTable.LettersSince(tx, mark, now - TimeSpan.FromHours(1)) >= SignUp.LettersPerHour) return;
        var link = await letters.Send(tx, form, now);
        var id = Ids.New(now);
        var row = new SignUp { EmailMark = mark, Id = id, Sealed = keys.Seal(Purpose(id), asked), LinkHash = link?.Hash, SentAt = now, EndsAt = now + SignUp.Lifetime };
        await SignUpTable.Insert(tx, row, HashOf(form.Again));
    }

    /// <summary>Two nodes that answer about one address at once must not each count the letters before the other's.</summary>
    internal static Task Hold(WriteTx tx, TokenHash mark, DateTimeOffset now) => ThrottleTable.Hold(tx, [.. "sign-up letters "u8, .. mark.ToBytes()], now);

    internal static string Purpose(string id) => $"sign-up {id}";

    /// <summary>Null when the key that sealed it is gone.</summary>
    internal static AskedSignUp? Open(KeyRing keys, SignUp row) => keys.Open(Purpose(row.Id), row.Sealed) is { } json ? JsonSerializer.Deserialize(json, SignUpJson.Default.AskedSignUp) : null;

    internal static TokenHash HashOf(string hex) => TokenHash.FromBytes(Convert.FromHexString(hex));
}

/// <summary>"Send it again", in the background: a new link takes the place of the last.</summary>
public sealed class AnswerSignUpAgain(KeyRing keys, SignUpLetters letters) : IQuietAnswer
{
    public string Kind => AskToSignUp.KindAgain;

    public async Task Run(WriteTx tx, byte[] asked, DateTimeOffset now)
    {
        var again = AnswerSignUp.HashOf(JsonSerializer.Deserialize(asked, SignUpJson.Default.AskedAgain)!.Again);
        if (await SignUpTable.ByAgain(tx, again) is not { } row || row.EndsAt <= now || row.SentAt > now - SignUp.LetterPause || AnswerSignUp.Open(keys, row) is not { } form) return;
        await AnswerSignUp.Hold(tx, row.EmailMark, now);
        if (await SignUpTable.LettersSince(tx, row.EmailMark, now - TimeSpan.FromHours(1)) >= SignUp.LettersPerHour) return;
        var link = await letters.Send(tx, form, now);
        if (!await SignUpTable.SendAgain(tx, row, link?.Hash, now, now - SignUp.LetterPause)) tx.Undo();
    }
}
