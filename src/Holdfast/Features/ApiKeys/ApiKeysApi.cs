using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <param name="Scopes">Of <c>users.read</c>, <c>users.invite</c>, <c>users.recover</c>, <c>audit.read</c>, <c>reporting.read</c>.</param>
/// <param name="Days">Until it ends; absent for no end, where the settings allow it.</param>
public sealed record MakeApiKeyRequest(string Name, IReadOnlyList<string> Scopes, int? Days = null);

/// <param name="BeginsWith">Its first characters.</param>
/// <param name="MadeById">Account id.</param>
/// <param name="MadeBy">Absent when they are no member any more.</param>
/// <param name="Works">False while its maker may not stand behind it.</param>
/// <param name="LastUsedFrom">Network address.</param>
public sealed record ApiKeyAnswer(string Id, string Name, string BeginsWith, IReadOnlyList<string> Scopes, string MadeById, string? MadeBy, DateTimeOffset MadeAt, DateTimeOffset? EndsAt, DateTimeOffset? LastUsedAt, string? LastUsedFrom, bool Works);

/// <param name="Key">Shown this once.</param>
public sealed record MadeApiKeyAnswer(string Id, string Key, DateTimeOffset? EndsAt)
{
    public override string ToString() => "[key]";
}

/// <param name="Permissions">What it may at this moment: its scopes, as far as its maker may still.</param>
public sealed record CurrentApiKeyAnswer(string Id, string Name, string WorkspaceId, string Workspace, IReadOnlyList<string> Scopes, IReadOnlyList<string> Permissions, DateTimeOffset? EndsAt);

public static class ApiKeysApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/workspaces/{workspace}/api-keys").WithTags("API keys");

        group.MapGet("", async (string workspace, HttpContext context, ListApiKeys list) => TypedResults.Ok<IReadOnlyList<ApiKeyAnswer>>([.. (await list.Run(context.InWorkspace())).Select(Answer)]))
            .WithName("listApiKeys").WithSummary("Live keys, newest first; never the keys themselves").Needs(Permission.ApiKeysManage);

        group.MapPost("", async (string workspace, MakeApiKeyRequest body, HttpContext context, MakeApiKey make) =>
        {
            if (body.Scopes.Any(scope => scope is null)) return Api.Refuse(ApiKeyRefusals.ScopeUnknown);
            var outcome = await make.Run(context.InWorkspace(), new ApiKeyForm(body.Name, body.Scopes, body.Days), Client.Of(context));
            return outcome.Ok ? Results.Created((string?)null, new MadeApiKeyAnswer(outcome.Value.Key.Id, outcome.Value.Text, outcome.Value.Key.EndsAt)) : Api.Refuse(outcome.Refusal);
        }).WithName("makeApiKey").WithSummary("Make a key for a program; it is in this answer and never shown again").Needs(Permission.ApiKeysManage).Produces<MadeApiKeyAnswer>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);

        group.MapDelete("/{key}", async (string workspace, string key, HttpContext context, RevokeApiKey revoke) =>
        {
            var outcome = await revoke.Run(context.InWorkspace(), key, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("revokeApiKey").WithSummary("Revoke a key: its next request is refused").Needs(Permission.ApiKeysManage).Produces(204).ProducesProblem(403);

        group.MapGet("/current", (string workspace, HttpContext context) =>
        {
            var actor = context.InWorkspace();
            return actor.Key is { } key ? Results.Ok(new CurrentApiKeyAnswer(key.Id, key.Name, actor.WorkspaceId, actor.Workspace, key.ScopeList, actor.Membership.Rights.Permissions, key.EndsAt)) : Api.Refuse(ApiKeyRefusals.NoneShown);
        }).WithName("getCurrentApiKey").WithSummary("Which key makes this call, and what it may").Needs(Permission.None).ForKeys(ApiScope.Any).Produces<CurrentApiKeyAnswer>();
    }

    private static ApiKeyAnswer Answer(ListedKey l) => new(l.Key.Id, l.Key.Name, l.Key.BeginsWith, l.Key.ScopeList, l.Key.MadeBy, l.Maker, l.Key.MadeAt, l.Key.EndsAt, l.Key.LastUsedAt, l.Key.LastUsedFrom, !l.IsUnbacked);
}
