using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>A letter that an event causes.</summary>
internal enum DemoLetter { None, PasswordChanged, Reset, NewDevice, Factor }

/// <param name="SignedOut">For the letter: how many other devices were signed out.</param>
internal sealed record DemoMoment(DateTimeOffset At, AuditEvent What, Client Client, DemoLetter Letter = DemoLetter.None, int SignedOut = 0);

/// <summary>Six weeks in the life of one account: sessions that begin, are used and end, each for its reason, with the entries that the real use cases would have written.</summary>
internal sealed class DemoStory
{
    public const int Days = 42;

    private readonly DemoPerson _person;
    private readonly SessionSettings _rules;
    private readonly DateTimeOffset _now;
    private readonly DemoDice _dice;
    private readonly IReadOnlyList<DemoDevice> _devices;
    private readonly Dictionary<DemoDevice, Session> _open = [];
    private readonly DemoFactors _factors;

    /// <summary>Devices that the account knows by now.</summary>
    private readonly HashSet<DemoDevice> _seen = [];

    public DemoStory(DemoPerson person, int index, SessionSettings rules, DateTimeOffset now)
    {
        (_person, _rules, _now) = (person, rules, now);
        _factors = new DemoFactors(TellOfFactor);
        _dice = new DemoDice(person.Email);
        _devices = DemoDevices.Of(_dice, index);
        var made = now - TimeSpan.FromDays(person.NeverCame ? 3 : Days + 5 + _dice.Below(200)) - _dice.Time(TimeSpan.Zero, TimeSpan.FromHours(9));
        Account = new Account { Id = Ids.New(made), Email = person.Email, Name = person.Name, Language = person.Language, TimeZone = TimeZones.IsKnown(person.Zone) ? person.Zone : null, OperatorSince = person.Operator ? made.AddHours(1) : null, CreatedAt = made };
        PasswordChangedAt = made.AddMinutes(2);
        Tell(made, AuditKind.AccountCreated, Client.Server, null, ("by", index == 0 ? "setup" : "demo"), byServer: true);
        if (person.Operator) Tell(made.AddHours(1), AuditKind.OperatorAdded, Client.Server, null, ("by", "command_line"), byServer: true);
        if (person.NeverCame) return;
        if (person.Incidents.Count == 0 && index % 4 == 2) WatchTheWall();
        for (var day = Days; day >= 0; day--) Live(day);
        foreach (var device in _open.Keys.ToList()) EndIfOver(device, now);
        Sessions.AddRange(_open.Values);
    }

    public Account Account { get; }

    public IReadOnlyList<DemoDevice> Devices => _devices;

    public List<Session> Sessions { get; } = [];

    public List<DemoMoment> Moments { get; } = [];

    public DemoFactors Factors => _factors;

    public DateTimeOffset PasswordChangedAt { get; private set; }

    private void Live(int day)
    {
        var at = Morning(day);
        var weekend = at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        if (day == 0 || _dice.Chance(weekend ? _person.Busy / 6 : _person.Busy))
        {
            if (day > 0 || _dice.Chance(_person.Busy)) Use(_devices[0], at, _dice.Time(TimeSpan.FromMinutes(20), TimeSpan.FromHours(7)));
            for (var more = 1; more < _devices.Count; more++) if (_dice.Chance(28)) Use(_dice.Of(_devices), at + _dice.Time(TimeSpan.FromMinutes(30), TimeSpan.FromHours(3)), _dice.Time(TimeSpan.FromMinutes(2), TimeSpan.FromHours(1)));
            if (_dice.Chance(3)) Tell(Before(at.AddHours(2)), AuditKind.ProfileChanged, Of(_devices[0]), Now(_devices[0]));
        }
        foreach (var (what, daysAgo) in _person.Incidents) if (daysAgo == day) Happen(what, Before(at.AddHours(8)));
    }

    /// <summary>A screen that is never idle is signed out all the same, at the latest end of a session.</summary>
    private void WatchTheWall()
    {
        var at = _now - _rules.Absolute - TimeSpan.FromDays(4);
        var screen = DemoDevices.Wall;
        SignIn(screen, at);
        _open[screen] = _open[screen] with { Kept = false, LastActiveAt = at + _rules.Absolute - TimeSpan.FromMinutes(1) };
        EndIfOver(screen, _now.AddDays(-4));
    }

    /// <summary>Office hours in UTC; today counts back from now, so that the example is alive at any hour.</summary>
    private DateTimeOffset Morning(int day) => day == 0
        ? _now - _dice.Time(TimeSpan.FromMinutes(4), TimeSpan.FromHours(5))
        : new DateTimeOffset(_now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-day) + _dice.Time(TimeSpan.FromHours(6), TimeSpan.FromHours(13));

    private DateTimeOffset Before(DateTimeOffset at) => at < _now.AddMinutes(-2) ? at : _now - _dice.Time(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(50));

    private void Use(DemoDevice device, DateTimeOffset at, TimeSpan howLong)
    {
        at = Before(at);
        EndIfOver(device, at);
        if (_open.ContainsKey(device) && _dice.Chance(6)) End(device, EndReason.Replaced, null, at);
        if (!_open.ContainsKey(device)) SignIn(device, at);
        var until = at + howLong;
        if (until >= _now) until = _now - TimeSpan.FromSeconds(20 + _dice.Below(1500));
        if (until < _open[device].LastActiveAt) until = _open[device].LastActiveAt;
        _open[device] = _open[device] with { LastActiveAt = until };
        if (_dice.Chance(10)) StepUp(device, at + (until - at) / 2);
        if (!_open[device].Kept && _dice.Chance(45) && until < _now.AddMinutes(-30))
        {
            Tell(until, AuditKind.SignedOut, Of(device), Now(device));
            End(device, EndReason.SignedOut, _open[device].Id, until);
        }
    }

    private void SignIn(DemoDevice device, DateTimeOffset at, DemoLetter letter = DemoLetter.None)
    {
        for (var wrong = _dice.Chance(12) ? 1 + _dice.Below(2) : 0; wrong > 0; wrong--) Fail(at.AddSeconds(-20 * wrong), Of(device));
        _factors.SecondStep(at, Of(device), slips: _dice.Chance(8));
        var (methods, second) = (_factors.Methods, _factors.IsOn);
        var session = new Session
        {
            AccountId = Account.Id, Id = Ids.New(at), TokenHash = SecretToken.New().Hash, Kept = device.IsPhone || _dice.Chance(25), SignedInWith = methods, CreatedAt = at, LastActiveAt = at,
            ProvenAt = at, ProvenWith = methods, SecondProvenAt = second ? at : null, SecondProvenWith = ProofMethod.SecondOf(methods), Address = device.Address, UserAgent = device.UserAgent, Hints = device.Hints,
        };
        _open[device] = session;
        var facts = new Dictionary<string, string> { ["method"] = methods, ["device"] = _seen.Add(device) && _seen.Count > 1 ? "new" : "known" };
        if (facts["device"] == "new" && device == DemoDevices.Stranger) facts["country"] = "new";
        Moments.Add(new DemoMoment(at, new AuditEvent(AuditKind.SignedIn, Account.Id, Of(device)) { SessionId = session.Id, Data = facts }, Of(device), letter));
    }

    private void StepUp(DemoDevice device, DateTimeOffset at)
    {
        if (at <= _open[device].CreatedAt || at > _open[device].LastActiveAt) return;
        if (_dice.Chance(20)) Tell(at.AddSeconds(-15), AuditKind.StepUpFailed, Of(device), Now(device));
        Tell(at, AuditKind.StepUp, Of(device), Now(device), ("method", ProofMethod.Password));
        _open[device] = _open[device] with { ProvenAt = at };
    }

    private void Happen(Incident what, DateTimeOffset at)
    {
        var own = _devices[0];
        if (what is Incident.NewPassword or Incident.SignedOutOthers or Incident.SignedOutOne or Incident.SignedOutAll or Incident.NotMe or Incident.Forgot or Incident.TwoFactorReset)
        {
            // There is something to sign out.
            foreach (var device in _devices) if (!_open.ContainsKey(device)) SignIn(device, at.AddHours(-2).AddMinutes(-_dice.Below(50)));
            if (_devices.Count == 1 && what != Incident.Forgot) SignIn(DemoDevices.Stranger, at.AddMinutes(-40), DemoLetter.NewDevice);
            foreach (var device in _open.Keys.ToList()) _open[device] = _open[device] with { LastActiveAt = Later(_open[device].LastActiveAt, at.AddMinutes(-25)) };
        }
        switch (what)
        {
            case Incident.NewPassword:
                Tell(at.AddSeconds(-40), AuditKind.PasswordChangeFailed, Of(own), Now(own));
                ChangePassword(AuditKind.PasswordChanged, EndReason.PasswordChanged, own, at);
                break;
            case Incident.Forgot:
                Fail(at.AddMinutes(-6), Of(own));
                Fail(at.AddMinutes(-5), Of(own));
                Tell(at.AddMinutes(-4), AuditKind.RecoveryAsked, Of(own), null, letter: DemoLetter.Reset, byServer: true);
                ChangePassword(AuditKind.PasswordReset, EndReason.PasswordReset, null, at);
                break;
            case Incident.NotMe:
                var ended = EndAll(null, EndReason.NotMe, null, at);
                _factors.Pause(at);
                Tell(at, AuditKind.PasswordBlocked, Of(_devices[^1]), null, ("signedOut", Number(ended)), letter: DemoLetter.Reset);
                ChangePassword(AuditKind.PasswordReset, EndReason.PasswordReset, null, at.AddMinutes(6));
                break;
            case Incident.Guessed:
                for (var wrong = 0; wrong < 7; wrong++) Fail(at.AddSeconds(11 * wrong), Of(DemoDevices.Stranger));
                Tell(at.AddSeconds(80), AuditKind.SignInThrottled, Of(DemoDevices.Stranger), null, byServer: true);
                break;
            case Incident.SignedOutOthers:
                var others = EndAll(own, EndReason.EndedByYou, _open[own].Id, at);
                Tell(at, others > 1 ? AuditKind.SomeSessionsEnded : AuditKind.OtherSessionsEnded, Of(own), Now(own), ("count", Number(others)));
                break;
            case Incident.SignedOutOne:
                EndOne(own, at);
                break;
            case Incident.SignedOutAll:
                Tell(at, AuditKind.AllSessionsEnded, Of(own), Now(own), ("count", Number(_open.Count)));
                EndAll(null, EndReason.EndedByYou, _open[own].Id, at);
                break;
            case Incident.Mistyped:
                for (var wrong = 0; wrong < 3; wrong++) Fail(at.AddSeconds(20 * wrong), Of(own));
                break;
            case Incident.Enrolled:
                _factors.Enrol(at, Of(own), "My phone");
                break;
            case Incident.LostPhone:
                _factors.UseCode(at.AddHours(-3), Of(_devices[^1]));
                _factors.PutOff(at.AddHours(-3).AddSeconds(40), Of(_devices[^1]));
                _factors.Replace(at, Of(own), "New phone");
                break;
            case Incident.UsedCodes:
                for (var day = 6; day >= 0; day--) _factors.UseCode(at.AddDays(-day), Of(own));
                break;
            case Incident.NewCodes:
                _factors.MakeCodes(at, Of(own), alone: true);
                break;
            case Incident.SecondApp:
                _factors.Add(at.AddHours(-5), Of(own), "My phone", "Tablet at home");
                _factors.RemoveFirst(at, Of(own));
                break;
            case Incident.AddedPasskey:
                _factors.AddPasskey(at, Of(own), "iCloud Keychain", "iCloud Keychain", synced: true);
                break;
            case Incident.AddedSecurityKey:
                _factors.AddPasskey(at, Of(own), "YubiKey", "Key on my key ring", synced: false);
                break;
            case Incident.RemovedPasskey:
                _factors.RemoveFirstPasskey(at, Of(own));
                break;
            case Incident.CopiedPasskey:
                _factors.Copied(at, Of(DemoDevices.Stranger));
                break;
            case Incident.ConfirmedPasskey:
                _factors.ConfirmPasskey(at, Of(own));
                break;
            case Incident.TwoFactorOff:
                _factors.TurnOff(at, Of(own));
                break;
            case Incident.TwoFactorReset:
                _factors.Reset(at, EndAll(null, EndReason.TwoFactorReset, null, at));
                break;
            case Incident.NewAddress:
                AskForAddress(at.AddMinutes(-30), AuditKind.EmailChangeAsked, own, Account.Email.Replace('.', '_'));
                AskForAddress(at.AddMinutes(-28), AuditKind.EmailChangeWithdrawn, own, Account.Email.Replace('.', '_'));
                AskForAddress(at.AddMinutes(-27), AuditKind.EmailChangeAsked, own, Account.Email);
                AskForAddress(at, AuditKind.EmailChanged, own, Account.Email);
                break;
            case Incident.AddressPutBack:
                AskForAddress(at.AddMinutes(-30), AuditKind.EmailChangeAsked, own, "accounts@mail-delivery.example");
                AskForAddress(at.AddMinutes(-28), AuditKind.EmailChanged, own, "accounts@mail-delivery.example");
                AskForAddress(at, AuditKind.EmailPutBack, _devices[^1], Account.Email);
                Tell(at, AuditKind.PasswordBlocked, Of(_devices[^1]), null, ("signedOut", Number(EndAll(null, EndReason.NotMe, null, at))), letter: DemoLetter.Reset);
                ChangePassword(AuditKind.PasswordReset, EndReason.PasswordReset, null, at.AddMinutes(6));
                break;
            case Incident.AskedForLink:
                Tell(_now.AddMinutes(-8), AuditKind.RecoveryAsked, Of(own), null, letter: DemoLetter.Reset, byServer: true);
                break;
            case Incident.LinkByHand:
                Tell(at, AuditKind.ResetLinkMade, Client.Server, null, ("by", "command_line"), byServer: true);
                break;
            case Incident.AdminHelped:
                Tell(at, AuditKind.RecoveryStarted, Of(DemoDevices.Wall), null, letter: DemoLetter.Reset, byServer: true);
                break;
        }
    }

    private void AskForAddress(DateTimeOffset at, string kind, DemoDevice from, string email) =>
        Moments.Add(new DemoMoment(at, new AuditEvent(kind, Account.Id, Of(from)) { SessionId = Now(from) ?? "", Personal = new Dictionary<string, string> { ["email"] = email } }, Of(from)));

    private void ChangePassword(string kind, string reason, DemoDevice? stays, DateTimeOffset at)
    {
        var by = stays is null ? null : _open[stays].Id;
        var ended = EndAll(stays, reason, by, at);
        Tell(at, kind, Of(stays ?? _devices[0]), by, ("signedOut", Number(ended)), letter: DemoLetter.PasswordChanged, signedOut: ended);
        if (stays is not null) _open[stays] = _open[stays] with { ProvenAt = at, LastActiveAt = Later(_open[stays].LastActiveAt, at) };
        PasswordChangedAt = at;
    }

    private void EndOne(DemoDevice own, DateTimeOffset at)
    {
        var other = _open.Keys.First(device => device != own);
        var (ended, by) = (_open[other], _open[own].Id);
        End(other, EndReason.EndedByYou, by, at);
        var what = new AuditEvent(AuditKind.SessionEnded, Account.Id, Of(own))
        {
            SessionId = by, Data = new Dictionary<string, string> { ["ended"] = ended.Id }, Personal = new Dictionary<string, string> { ["endedBrowser"] = ended.UserAgent, ["endedHints"] = ended.Hints },
        };
        Moments.Add(new DemoMoment(at, what, Of(own)));
    }

    private int EndAll(DemoDevice? except, string reason, string? by, DateTimeOffset at)
    {
        var ending = _open.Keys.Where(device => device != except).ToList();
        foreach (var device in ending) End(device, reason, by, at);
        return ending.Count;
    }

    private void EndIfOver(DemoDevice device, DateTimeOffset at)
    {
        if (!_open.TryGetValue(device, out var session) || session.WhyOver(at, _rules) is not { } reason) return;
        // The tidying comes by every five minutes.
        var over = reason == EndReason.Absolute ? session.LatestEnd(_rules) : session.LastActiveAt + session.IdleLifetime(_rules);
        End(device, reason, null, over);
    }

    private void End(DemoDevice device, string reason, string? by, DateTimeOffset at)
    {
        Sessions.Add(_open[device] with { EndedAt = Later(at, _open[device].LastActiveAt), EndReason = reason, EndedBy = by });
        _open.Remove(device);
    }

    private void Fail(DateTimeOffset at, Client client) => Tell(at, AuditKind.SignInFailed, client, null, ("method", ProofMethod.Password), byServer: true);

    private void Tell(DateTimeOffset at, string kind, Client client, string? session, (string Key, string Value)? fact = null, DemoLetter letter = DemoLetter.None, int signedOut = 0, bool byServer = false)
    {
        var data = new Dictionary<string, string>();
        if (fact is var (key, value)) data[key] = value;
        Moments.Add(new DemoMoment(at, new AuditEvent(kind, Account.Id, client) { ActorId = byServer ? "" : null, SessionId = session ?? "", Data = data }, client, letter, signedOut));
    }

    /// <param name="app">Also says that a letter tells of it.</param>
    private void TellOfFactor(DateTimeOffset at, string kind, Client client, (string Key, string Value)? fact, string? app)
    {
        var byServer = client == Client.Server || kind is AuditKind.SecondStepAsked or AuditKind.SecondStepFailed or AuditKind.PasskeyCopied;
        var what = new AuditEvent(kind, Account.Id, client)
        {
            ActorId = byServer ? "" : null,
            Data = fact is var (key, value) ? new Dictionary<string, string> { [key] = value } : [],
            Personal = string.IsNullOrEmpty(app) ? [] : new Dictionary<string, string> { ["app"] = app },
        };
        var letter = app is not null && kind is not (AuditKind.AppRenamed or AuditKind.PasskeyRenamed or AuditKind.PasskeyConfirmed) || kind is AuditKind.RecoveryCodeUsed or AuditKind.TwoFactorOff ? DemoLetter.Factor : DemoLetter.None;
        Moments.Add(new DemoMoment(at, what, client, letter));
    }

    private string? Now(DemoDevice device) => _open.GetValueOrDefault(device)?.Id;

    private static Client Of(DemoDevice device) => new(device.Address, device.UserAgent, null) { Hints = device.Hints };

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
