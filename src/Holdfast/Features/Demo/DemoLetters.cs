using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.DevMail;
using Holdfast.Features.Passwords;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Features.Demo;

/// <summary>The example's letters go the way of real ones, through the outbox into the mailbox, under a clock that stands at the moment of each.</summary>
internal sealed class DemoLetters
{
    private readonly Db _db;
    private readonly StoppedClock _clock = new();
    private readonly SendLetters _outbox;
    private readonly PasswordLetters _letters;
    private readonly TwoFactorLetters _factors;
    private readonly RememberBrowser _browsers;

    public DemoLetters(Db db, KeyRing keys, FindPlace places, HoldfastSettings settings)
    {
        _db = db;
        _outbox = new SendLetters(db, keys, new Mailbox(db, keys, _clock, settings), _clock, settings, NullLogger<SendLetters>.Instance);
        _letters = new PasswordLetters(_outbox, places, settings);
        _factors = new TwoFactorLetters(_outbox, places, settings);
        _browsers = new RememberBrowser(_outbox, places, new FindUnusual(places, _outbox, settings), settings);
    }

    public async Task Deliver(Account account, DemoMoment moment)
    {
        await _db.Write(async tx =>
        {
            if (moment.Letter == DemoLetter.Reset) await _letters.Reset(tx, account, asked: moment.What.Kind != AuditKind.PasswordBlocked, moment.At);
            else if (moment.Letter == DemoLetter.Factor) await Factor(tx, account, moment);
            else if (moment.Letter == DemoLetter.NewDevice) await _browsers.Tell(tx, account, moment.What.Data["method"], moment.Client, newCountry: false, moment.At);
            else await _letters.Changed(tx, account, moment.Client, moment.SignedOut, 0, moment.At);
            return 0;
        });
        _clock.Now = moment.At.AddSeconds(2);
        await _outbox.SendDue();
    }

    private Task Factor(WriteTx tx, Account account, DemoMoment moment)
    {
        var (what, app) = (moment.What, moment.What.Personal.GetValueOrDefault("app", ""));
        return what.Kind switch
        {
            AuditKind.RecoveryCodeUsed => _factors.RecoveryCodeUsed(tx, account, moment.Client, int.Parse(what.Data["count"], CultureInfo.InvariantCulture), $"{ProofMethod.Password} {ProofMethod.RecoveryCode}", moment.At),
            AuditKind.RecoveryCodesMade => _factors.RecoveryCodesMade(tx, account, moment.Client, moment.At),
            AuditKind.TwoFactorOff => _factors.TurnedOff(tx, account, ProofMethod.Totp, moment.Client, moment.At),
            AuditKind.PasskeyAdded => _factors.Changed(tx, account, "passkey_added", app, moment.Client, moment.At),
            AuditKind.PasskeyRemoved => _factors.Changed(tx, account, "passkey_removed", app, moment.Client, moment.At),
            AuditKind.PasskeyCopied => _factors.Changed(tx, account, "passkey_copied", app, moment.Client, moment.At),
            AuditKind.AppRemoved => _factors.AppRemoved(tx, account, app, moment.Client, moment.At),
            _ => _factors.AppConfirmed(tx, account, what.Kind, app, moment.Client, moment.At),
        };
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
