using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>The second factors of one person of the example: what happened to them, and, at the end of the story, what there is.</summary>
/// <param name="tell">Writes an entry of this person's: moment, kind, where from, count or method, name of an app.</param>
internal sealed class DemoFactors(Action<DateTimeOffset, string, Client, (string Key, string Value)?, string?> tell)
{
    private readonly List<(string Name, DateTimeOffset AddedAt, DateTimeOffset UsedAt)> _apps = [];
    private readonly List<Passkey> _passkeys = [];
    private readonly List<DateTimeOffset> _codesUsed = [];
    private DateTimeOffset? _savedAt;
    private DateTimeOffset? _newDeviceSince;

    public bool IsOn => _apps.Count + _passkeys.Count > 0;

    private bool UsesPasskey => _passkeys.Any(p => p.SignsInAlone);

    public int CodesLeft => RecoveryCode.Count - _codesUsed.Count;

    /// <summary>How a sign-in is proven from now on.</summary>
    public string Methods => UsesPasskey ? ProofMethod.Passkey : _apps.Count > 0 ? $"{ProofMethod.Password} {ProofMethod.Totp}" : IsOn ? $"{ProofMethod.Password} {ProofMethod.Passkey}" : ProofMethod.Password;

    public void Enrol(DateTimeOffset at, Client from, string app)
    {
        tell(at.AddSeconds(-70), AuditKind.AppBegun, from, null, null);
        tell(at, AuditKind.TwoFactorOn, from, null, app);
        _apps.Add((app, at, at));
        MakeCodes(at, from, alone: false);
    }

    /// <summary>Somebody signs in: the second step, sometimes with a slip of the finger.</summary>
    public void SecondStep(DateTimeOffset at, Client from, bool slips)
    {
        if (!IsOn) return;
        if (_passkeys.FindIndex(p => p.IsTaken) is var one and >= 0) _passkeys[one] = _passkeys[one] with { LastUsedAt = at };
        if (UsesPasskey) return;
        tell(at.AddSeconds(-24), AuditKind.SecondStepAsked, from, ("method", ProofMethod.Password), null);
        if (_apps.Count == 0) return;
        if (slips) tell(at.AddSeconds(-11), AuditKind.SecondStepFailed, from, ("method", ProofMethod.Totp), null);
        _apps[0] = _apps[0] with { UsedAt = at };
    }

    public void UseCode(DateTimeOffset at, Client from)
    {
        _codesUsed.Add(at);
        tell(at, AuditKind.RecoveryCodeUsed, from, ("count", Number(CodesLeft)), null);
        _newDeviceSince ??= at;
    }

    public void PutOff(DateTimeOffset at, Client from) => tell(at, AuditKind.NewDevicePutOff, from, null, null);

    public void Replace(DateTimeOffset at, Client from, string app)
    {
        tell(at.AddSeconds(-50), AuditKind.AppBegun, from, null, null);
        tell(at, AuditKind.AppReplaced, from, null, app);
        _apps.Clear();
        _apps.Add((app, at, at));
        _newDeviceSince = null;
        MakeCodes(at, from, alone: false);
    }

    public void AddPasskey(DateTimeOffset at, Client from, string name, string later, bool synced)
    {
        var first = !IsOn;
        tell(at, AuditKind.PasskeyAdded, from, null, name);
        if (later != name) tell(at.AddMinutes(1), AuditKind.PasskeyRenamed, from, null, later);
        _passkeys.Add(DemoPasskey(at, later, synced));
        if (!first) return;
        tell(at, AuditKind.TwoFactorOn, from, ("method", ProofMethod.Passkey), null);
        MakeCodes(at, from, alone: false);
    }

    public void RemoveFirstPasskey(DateTimeOffset at, Client from)
    {
        tell(at, AuditKind.PasskeyRemoved, from, null, _passkeys[0].Name);
        _passkeys.RemoveAt(0);
    }

    /// <summary>A copy was used, so that the count went back.</summary>
    public void Copied(DateTimeOffset at, Client from)
    {
        tell(at, AuditKind.PasskeyCopied, from, null, _passkeys[0].Name);
        _passkeys[0] = _passkeys[0] with { CopiedAt = at };
    }

    /// <summary>After "This wasn't me".</summary>
    public void Pause(DateTimeOffset at)
    {
        for (var i = 0; i < _passkeys.Count; i++) _passkeys[i] = _passkeys[i] with { PausedAt = at };
    }

    public void ConfirmPasskey(DateTimeOffset at, Client from)
    {
        tell(at, AuditKind.PasskeyConfirmed, from, null, _passkeys[0].Name);
        _passkeys[0] = _passkeys[0] with { PausedAt = null };
    }

    public void MakeCodes(DateTimeOffset at, Client from, bool alone)
    {
        tell(at, AuditKind.RecoveryCodesMade, from, ("count", Number(RecoveryCode.Count)), alone ? "" : null);
        tell(at.AddSeconds(40), AuditKind.RecoveryCodesSaved, from, null, null);
        _codesUsed.Clear();
        _savedAt = at.AddSeconds(40);
    }

    public void Add(DateTimeOffset at, Client from, string app, string later)
    {
        tell(at.AddSeconds(-45), AuditKind.AppBegun, from, null, null);
        tell(at, AuditKind.AppAdded, from, null, app);
        tell(at.AddMinutes(2), AuditKind.AppRenamed, from, null, later);
        _apps.Add((later, at, at));
    }

    public void RemoveFirst(DateTimeOffset at, Client from)
    {
        tell(at, AuditKind.AppRemoved, from, null, _apps[0].Name);
        _apps.RemoveAt(0);
    }

    public void TurnOff(DateTimeOffset at, Client from)
    {
        tell(at.AddSeconds(-20), AuditKind.TwoFactorOffFailed, from, ("method", ProofMethod.Totp), null);
        tell(at, AuditKind.TwoFactorOff, from, ("method", ProofMethod.Totp), null);
        _apps.Clear();
        _passkeys.Clear();
    }

    public void Reset(DateTimeOffset at, int signedOut)
    {
        tell(at, AuditKind.TwoFactorReset, Client.Server, ("signedOut", Number(signedOut)), null);
        _apps.Clear();
        _passkeys.Clear();
    }

    /// <summary>Writes what there is in the end.</summary>
    /// <returns>A recovery code that is still good; null without two-factor.</returns>
    public async Task<RecoveryCode?> Insert(WriteTx tx, Account account, KeyRing keys)
    {
        if (!IsOn) return null;
        foreach (var (name, addedAt, usedAt) in _apps)
        {
            var (id, key, begun) = (Ids.New(addedAt), TotpKey.New(), Ids.New(addedAt));
            await TotpTable.Begin(tx, new TotpRow { AccountId = account.Id, Id = id, Name = "", SealedKey = key.Seal(keys, account.Id, id), KeyId = keys.NewestId, MadeAt = addedAt, BegunIn = begun, EndsAt = addedAt + BeginApp.Lifetime }, addedAt);
            await TotpTable.Confirm(tx, account.Id, id, begun, name, Totp.StepAt(addedAt), addedAt);
            await TotpTable.Accept(tx, account.Id, id, Totp.StepAt(usedAt), usedAt);
        }
        if (_passkeys.Count > 0) await PasskeyTable.SetHandle(tx, account.Id, SecretToken.New().Reveal());
        foreach (var passkey in _passkeys)
        {
            await PasskeyTable.Insert(tx, passkey with { AccountId = account.Id });
            if (passkey.CopiedAt is { } copied) await PasskeyTable.MarkCopied(tx, account.Id, passkey.Id, copied);
        }
        if (_passkeys.Any(p => p.PausedAt is not null)) await PasskeyTable.PauseAll(tx, account.Id, _passkeys.Max(p => p.PausedAt)!.Value);
        RecoveryCode[] codes = [.. Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.New())];
        await RecoveryCodeTable.Replace(tx, account.Id, [.. codes.Select(code => code.Hash(keys, account.Id))], keys.NewestId, _savedAt ?? _apps[0].AddedAt);
        foreach (var (code, at) in codes.Zip(_codesUsed)) await RecoveryCodeTable.Use(tx, account.Id, code.Hash(keys, account.Id), at);
        await TwoFactorTable.SetCodesSaved(tx, account.Id, _savedAt);
        if (_newDeviceSince is { } since)
        {
            await TwoFactorTable.WantNewDevice(tx, account.Id, since);
            await TwoFactorTable.PutOffNewDevice(tx, account.Id, since.AddMinutes(1));
        }
        return codes[^1];
    }

    /// <summary>A key that nobody has: whoever tries the example adds one of their own.</summary>
    private static Passkey DemoPasskey(DateTimeOffset at, string name, bool synced) => new()
    {
        AccountId = "", Id = Ids.New(at), CredentialId = SecretToken.New().Hash.ToBytes(), PublicKey = SecretToken.New().Hash.ToBytes(), SignCount = synced ? 0 : 1, Transports = synced ? "hybrid internal" : "usb",
        BackupEligible = synced, BackedUp = synced, Aaguid = new byte[16], RpId = "localhost", Name = name, AddedAt = at, LastUsedAt = at,
    };

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
