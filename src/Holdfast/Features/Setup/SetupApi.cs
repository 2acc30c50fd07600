using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Setup;

/// <param name="Link">The secret of the set-up link that the start printed: what stands behind <c>token=</c>.</param>
public sealed record SetupRequest(string Link, string Name, string Workspace, string Email, PlainPassword Password, string? TimeZone = null);

public static class SetupApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/api/v1/setup", async (SetupRequest body, HttpContext context, SetUp setUp) =>
    {
        if (!SecretToken.TryHash(body.Link, out var link)) return Api.Refuse(SetupRefusals.LinkOver);
        var outcome = await setUp.Run(link, new SetUpForm(body.Name, body.Workspace, body.Email, body.Password, body.TimeZone), Client.Of(context));
        if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
        Api.SetCookies(context, outcome.Value);
        return Results.NoContent();
    }).WithName("setUp").WithSummary("Make the first account, by the one-time link").WithTags("Set-up").WithMetadata(new OpenToAllAttribute())
        .Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
}
