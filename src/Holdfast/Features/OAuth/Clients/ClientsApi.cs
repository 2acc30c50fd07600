using Holdfast.Features.Operator;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <param name="Own">Part of the product: no consent.</param>
/// <param name="Confidential">Runs on a server and has a secret.</param>
/// <param name="FromSettings">Stands in the settings: nothing here changes it.</param>
/// <param name="LogoutAddress">Where it is told of sessions that are over; absent for nowhere.</param>
/// <param name="DisabledAt">Absent while it is on.</param>
public sealed record ClientAnswer(string Id, string Name, string Maker, bool Own, bool Confidential, IReadOnlyList<string> Redirects, IReadOnlyList<string> SignOuts, IReadOnlyList<string> Scopes, IReadOnlyList<string> Resources, bool SecondFactor, string? LogoutAddress, DateTimeOffset? DisabledAt, bool FromSettings);

/// <param name="Confidential">Of a change it is passed over: whether there is a secret stays as it was.</param>
public sealed record ClientRequest(string Name, string Maker, IReadOnlyList<string> Redirects, IReadOnlyList<string> Scopes, bool Own = false, bool Confidential = true, IReadOnlyList<string>? SignOuts = null, IReadOnlyList<string>? Resources = null, bool SecondFactor = false, string? LogoutAddress = null);

/// <param name="Secret">Given this once; absent for one that runs on people's devices.</param>
public sealed record RegisteredClientAnswer(ClientAnswer Client, string? Secret);

/// <summary>What operators do with applications. For everybody else there is nothing here.</summary>
public static class ClientsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/operator/clients").WithTags("Operators");

        group.MapGet("", async (OAuthClients clients) => Results.Ok((IReadOnlyList<ClientAnswer>)[.. (await clients.All()).Select(Answer)])).WithName("listClients").WithSummary("Applications that people sign in to").Produces<IReadOnlyList<ClientAnswer>>();

        group.MapGet("/{id}", async (string id, OAuthClients clients) => await clients.Find(id) is { } client ? Results.Ok(Answer(client)) : Api.Refuse(ClientRefusals.Unknown)).WithName("getClient").WithSummary("One application").Produces<ClientAnswer>().ProducesProblem(404);

        group.MapPost("", async (ClientRequest body, HttpContext context, RegisterClient register) => Answer(await register.Run(Form(body), By(context))))
            .WithName("registerClient").WithSummary("Register an application; its secret is given this once").Produces<RegisteredClientAnswer>().ProducesProblem(400).ProducesProblem(403);

        group.MapPut("/{id}", async (string id, ClientRequest body, HttpContext context, ChangeClient change) => Answer(await change.Run(id, Form(body), By(context))))
            .WithName("changeClient").WithSummary("Change an application").Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/secret", async (string id, HttpContext context, ChangeClient change) => Answer(await change.NewSecret(id, By(context))))
            .WithName("makeClientSecret").WithSummary("A new secret; the old one serves on for a while").Produces<RegisteredClientAnswer>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/disable", async (string id, HttpContext context, ChangeClient change) => Answer(await change.Disable(id, By(context))))
            .WithName("disableClient").WithSummary("Turn an application off; what it holds is over at once").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/enable", async (string id, HttpContext context, ChangeClient change) => Answer(await change.Enable(id, By(context))))
            .WithName("enableClient").WithSummary("Turn it on again").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapDelete("/{id}", async (string id, HttpContext context, ChangeClient change) => Answer(await change.Delete(id, By(context))))
            .WithName("deleteClient").WithSummary("Delete an application with all that people allowed it").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static OperatorActor By(HttpContext context) => new(context.Me(), Client.Of(context));

    private static ClientForm Form(ClientRequest b) => new(b.Name.Trim(), b.Maker.Trim(), b.Own, b.Confidential, Lines(b.Redirects), Lines(b.SignOuts), Lines(b.Scopes), Lines(b.Resources), b.SecondFactor, b.LogoutAddress);

    /// <summary>A place in a list may be null, whatever its type says: that is an empty line, and refused as one.</summary>
    private static IReadOnlyList<string> Lines(IReadOnlyList<string?>? list) => [.. (list ?? []).Select(line => line ?? "")];

    private static IResult Answer(Outcome<RegisteredClient> outcome) => outcome.Ok ? Results.Ok(new RegisteredClientAnswer(Answer(outcome.Value.Client), outcome.Value.Secret)) : Api.Refuse(outcome.Refusal);

    private static IResult Answer(Outcome<OAuthClient> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static ClientAnswer Answer(OAuthClient c) => new(c.Id, c.Name, c.Maker, c.FirstParty, c.Confidential, c.RedirectList, c.SignOutList, c.ScopeList, c.ResourceList, c.SecondFactor, c.LogoutAddress, c.DisabledAt, c.IsFromSettings);
}
