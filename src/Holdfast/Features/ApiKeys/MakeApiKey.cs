using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <param name="Days">Until it ends; null for no end, where the settings allow it.</param>
public sealed record ApiKeyForm(string Name, IReadOnlyList<string> Scopes, int? Days);

/// <param name="Text">The only copy in the clear, to be shown once.</param>
public sealed record MadeApiKey(ApiKey Key, string Text)
{
    public override string ToString() => "[key]";
}

/// <summary>Makes a key for a program, with no more than its maker may. Whoever may manage keys here hears of it by letter, the maker too: a key outlives the session in which it was made.</summary>
public sealed class MakeApiKey(Db db, KeyRing keys, WorkspaceLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    private const int MostLetters = 20;

    /// <summary>
    /// Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c> (403), <c>api_key.scope_empty</c>, <c>api_key.scope_unknown</c>, at the name <c>form.…</c>, <c>request.range</c> at the days (400), <c>api_key.more_than_yours</c> (403),
    /// <c>api_key.too_many</c> (409).
    /// </summary>
    public async Task<Outcome<MadeApiKey>> Run(WorkspaceActor actor, ApiKeyForm form, Client client)
    {
        var name = form.Name.Trim();
        if (Fields.Line(name, "name", ApiKey.LongestName) is { } wrong) return wrong;
        if (form.Scopes.Count == 0) return ApiKeyRefusals.ScopeEmpty;
        if (form.Scopes.Except(ApiScope.All, StringComparer.Ordinal).Any()) return ApiKeyRefusals.ScopeUnknown;
        var longest = (int)(settings.ApiKeys.Longest?.TotalDays ?? 3650);
        if (form.Days is null ? settings.ApiKeys.Longest is not null : form.Days < 1 || form.Days > longest) return new Refusal("request.range", 400, "days", Args: [1, longest]);
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        return await db.Write<Outcome<MadeApiKey>>(async tx =>
        {
            var again = await actor.Again(tx, Permission.ApiKeysManage);
            if (!again.Ok) return again.Refusal;
            if (!form.Scopes.All(scope => again.Value.Rights.Allows(ApiScope.PermissionFor(scope)))) return ApiKeyRefusals.MoreThanYours;
            var now = clock.GetUtcNow();
            if ((await ApiKeyTable.Live(tx, actor.WorkspaceId, now)).Count >= ApiKey.Most) return ApiKeyRefusals.TooMany;
            var text = ApiKeyText.New();
            var key = new ApiKey
            {
                WorkspaceId = actor.WorkspaceId, Id = Ids.New(now), Name = name, Scopes = string.Join(' ', ApiScope.Sort(form.Scopes)), SecretHash = ApiKeyText.Hashes(keys, text)[0], KeyId = keys.NewestId, BeginsWith = ApiKeyText.Beginning(text),
                MadeBy = actor.Me.Account.Id, MadeAt = now, EndsAt = form.Days is { } days ? now.AddDays(days) : null,
            };
            await ApiKeyTable.Insert(tx, key);
            await AuditLog.Record(tx, now, ApiKeyEvent.Of(AuditKind.ApiKeyMade, actor, key, client));
            foreach (var person in await ApiKeyTable.WhoManage(tx, actor.WorkspaceId, MostLetters)) await letters.Tell(tx, person, "api_key_made", actor, now, other: key.Name, until: key.EndsAt);
            return new MadeApiKey(key, text);
        });
    }
}

/// <summary>Revokes a key: the next request with it is refused on every node.</summary>
public sealed class RevokeApiKey(Db db, WorkspaceLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Whoever may manage keys may revoke everybody's. Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c> (403), <c>api_key.not_found</c> (404).</summary>
    public async Task<Outcome<ApiKey>> Run(WorkspaceActor actor, string id, Client client)
    {
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        return await db.Write<Outcome<ApiKey>>(async tx =>
        {
            // A program that acts at this moment holds the workspace too: it is done before, or refused.
            var again = await actor.Again(tx, Permission.ApiKeysManage);
            if (!again.Ok) return again.Refusal;
            var now = clock.GetUtcNow();
            if (await ApiKeyTable.Find(tx, actor.WorkspaceId, id) is not { } key || !await ApiKeyTable.Revoke(tx, actor.WorkspaceId, id, actor.Me.Account.Id, now)) return ApiKeyRefusals.NotFound;
            await AuditLog.Record(tx, now, ApiKeyEvent.Of(AuditKind.ApiKeyRevoked, actor, key, client));
            if (key.MadeBy != actor.Me.Account.Id && await Accounts.AccountTable.ById(tx, key.MadeBy) is { } maker) await letters.Tell(tx, maker, "api_key_revoked", actor, now, other: key.Name);
            return key;
        });
    }
}

internal static class ApiKeyEvent
{
    /// <summary>About the maker; by whoever acts.</summary>
    public static AuditEvent Of(string kind, WorkspaceActor actor, ApiKey key, Client client)
    {
        var what = WorkspaceEvent.Of(kind, actor, key.MadeBy, client, name: key.Name);
        return what with { Data = new Dictionary<string, string>(what.Data) { ["key"] = key.Id, ["scopes"] = key.Scopes } };
    }
}
