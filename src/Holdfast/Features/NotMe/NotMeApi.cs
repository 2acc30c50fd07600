using Holdfast.Features.EmailChange;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.NotMe;

public static class NotMeApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/api/v1/not-me", async (MailedTokenRequest body, HttpContext context, NotMe notMe) =>
    {
        var outcome = SecretToken.TryHash(body.Token, out var link) ? await notMe.Run(link, Client.Of(context)) : LinkRefusals.Over;
        return outcome.Ok ? Results.Ok(new EndedAnswer(outcome.Value)) : Api.Refuse(outcome.Refusal);
    }).WithName("notMe").WithSummary("\"This wasn't me\", with what the link of a letter carries: all sessions end, the password stops, a link to choose a new one is mailed").WithTags("Password")
        .WithMetadata(new OpenToAllAttribute()).Produces<EndedAnswer>().ProducesProblem(404);
}
