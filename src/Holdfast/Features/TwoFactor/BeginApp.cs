using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>A set-up under way, with the key that goes into the app.</summary>
/// <param name="Replaces">It takes the place of a lost device: confirming it removes every other app and all old codes.</param>
public sealed record BegunApp(string Id, TotpKey Key, string Uri, DateTimeOffset EndsAt, bool Replaces);

/// <summary>
/// Begins to set up an authenticator app: a key is made once and kept over reloads, in a row that belongs to this session alone, so that nobody confirms a key that somebody else has seen.
/// </summary>
public sealed class BeginApp(Db db, KeyRing keys, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>How long a set-up waits for its code.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403) and <c>two_factor.too_many_apps</c> (409). Asked again, it answers the set-up that is under way.</summary>
    public async Task<Outcome<BegunApp>> Run(SignedIn me, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } refusal) return refusal;
        return await db.Write<Outcome<BegunApp>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            var factors = await TwoFactorTable.Of(tx, me.Account.Id);
            if (!factors.WantsNewDevice && factors.WhyNoMoreApps() is { } full) return full;
            var (id, key) = (Ids.New(now), TotpKey.New());
            await TotpTable.Begin(tx, new TotpRow
            {
                AccountId = me.Account.Id, Id = id, Name = "", SealedKey = key.Seal(keys, me.Account.Id, id), KeyId = keys.NewestId, MadeAt = now, BegunIn = me.Session.Id, EndsAt = now + Lifetime,
            }, now);
            var row = (await TotpTable.Begun(tx, me.Account.Id, me.Session.Id, now))!;
            if (row.Id == id) await AuditLog.Record(tx, now, new AuditEvent(AuditKind.AppBegun, me.Account.Id, client) { SessionId = me.Session.Id });
            return Show(me, row, factors);
        });
    }

    /// <summary>The set-up that this session has open; null when there is none. Refuses as <see cref="Run"/>: the key is shown to nobody without a proof.</summary>
    public async Task<Outcome<BegunApp?>> Look(SignedIn me)
    {
        var now = clock.GetUtcNow();
        if (RequireProof.Of(me, now, settings.Sessions, ProofStrength.SecondFactor) is { } refusal) return refusal;
        return await db.Read(async tx => await TotpTable.Begun(tx, me.Account.Id, me.Session.Id, now) is { } row ? Show(me, row, await TwoFactorTable.Of(tx, me.Account.Id)) : null);
    }

    public Task Cancel(SignedIn me) => db.Write(async tx => { await TotpTable.Cancel(tx, me.Account.Id, me.Session.Id); return Done.It; });

    private BegunApp Show(SignedIn me, TotpRow row, Factors factors)
    {
        var key = TotpKey.Open(keys, me.Account.Id, row.Id, row.SealedKey) ?? throw new InvalidOperationException("A set-up was sealed by keys that this server does not have");
        return new BegunApp(row.Id, key, key.Uri(settings.Product.Name, me.Account.Email), row.EndsAt!.Value, factors.WantsNewDevice);
    }
}
