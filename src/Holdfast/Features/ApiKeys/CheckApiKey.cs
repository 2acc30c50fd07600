using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <summary>
/// On each request with a key: hash → key → maker, all read anew from the database, so that what was revoked, and whoever was demoted or suspended, counts on the very next request of every node.
/// </summary>
public sealed class CheckApiKey(Db db, KeyRing keys, Throttle throttle, KeyUses uses, KeyPace pace, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses with <c>api_key.unknown</c>, <c>api_key.revoked</c>, <c>api_key.ended</c>, <c>api_key.maker_gone</c> (401), <c>api_key.network_wait</c> (429 with the wait, once too many wrong keys came from one network),
    /// <c>request.too_many</c> (429 with the wait, once too many requests came with this one), <c>request.not_found</c> (404, in another workspace) and <c>api_key.scope_missing</c> (403).
    /// </summary>
    /// <param name="slug">Of the workspace that the address names.</param>
    /// <param name="scope">That the route asks for.</param>
    /// <returns>Who acts, and how the request stands to the pace of the key, if there is such a key.</returns>
    public async Task<(Outcome<WorkspaceActor> Actor, PaceCount? Pace)> Run(string text, string? slug, string scope, Client client)
    {
        // A typing error is told from a guess: nobody guesses a check sum and not the rest.
        if (!ApiKeyText.IsWellFormed(text)) return (ApiKeyRefusals.Unknown, null);
        var now = clock.GetUtcNow();
        var found = await db.Read(tx => Find(tx, text));
        // The right one always serves: whoever guesses behind the same address stops nobody's program.
        if (found is not { } backed) return (await Wrong(client, now), null);
        var (key, outcome) = backed;
        if (!outcome.Ok) return (outcome.Refusal, null);
        // Before the address is looked at: a key that is tried at the wrong doors is used as well.
        uses.Note(key, now, client);
        var count = pace.Count(key.Id);
        if ((count.Refusal ?? (outcome.Value.Slug != slug ? WorkspaceRefusals.NotFound : key.Has(scope) ? null : ApiKeyRefusals.ScopeMissing)) is { } refusal) return (refusal, count);
        return (outcome.Value, count);
    }

    private async Task<(ApiKey Key, Outcome<WorkspaceActor> Actor)?> Find(ReadTx tx, string text)
    {
        ApiKey? key = null;
        foreach (var hash in ApiKeyText.Hashes(keys, text)) key ??= await ApiKeyTable.ByHash(tx, hash);
        return key is null ? null : (key, await Back(tx, key));
    }

    /// <summary>What the key lets a program do at this moment.</summary>
    private async Task<Outcome<WorkspaceActor>> Back(ReadTx tx, ApiKey key)
    {
        var now = clock.GetUtcNow();
        if (key.WhyOver(now) is { } over) return over;
        var (account, membership) = (await AccountTable.ById(tx, key.MadeBy), await MemberTable.Find(tx, key.WorkspaceId, key.MadeBy));
        if (account is not { IsActive: true } || key.WhyUnbacked(membership) is not null) return ApiKeyRefusals.MakerGone;
        var (memberships, factors) = (await WorkspaceTable.Of(tx, account.Id), await TwoFactorTable.Of(tx, account.Id));
        var rule = TwoFactorRule.Of(factors, memberships, account.IsOperator, settings.TwoFactor, now);
        // Their own session would open the set-up of two-factor and nothing else.
        if (rule.MustEnrol(now)) return ApiKeyRefusals.MakerGone;
        return new WorkspaceActor(new SignedIn(NoSession(key, now), account, [], factors, rule, now), key.Limit(membership!)) { Key = key, KeyAgain = again => Again(again, key) };
    }

    /// <summary>The same once more, in the transaction of what the program does. Refuses as <see cref="Run"/>.</summary>
    private async Task<Outcome<WorkspaceActor>> Again(ReadTx tx, ApiKey key) => await ApiKeyTable.Find(tx, key.WorkspaceId, key.Id) is { } still ? await Back(tx, still) : ApiKeyRefusals.Revoked;

    /// <summary>Nobody is signed in: there is no proof, so whatever asks for one refuses by itself.</summary>
    private static Session NoSession(ApiKey key, DateTimeOffset now) => new()
    {
        AccountId = key.MadeBy, Id = "", SignedInWith = "", CreatedAt = key.MadeAt, LastActiveAt = now, ProvenAt = DateTimeOffset.UnixEpoch, ProvenWith = "", Address = "", UserAgent = "",
    };

    private async Task<Refusal> Wrong(Client client, DateTimeOffset now) =>
        await db.Write(tx => throttle.ChargeNetwork(tx, Throttle.ApiKey, client, settings.SignIn.NetworkLimit, "api_key.network_wait", now)) ?? ApiKeyRefusals.Unknown;
}
