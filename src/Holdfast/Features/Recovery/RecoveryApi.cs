using Holdfast.Features.NotMe;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

public sealed record RecoveryAskRequest(string Email);

/// <param name="Link">The secret of the mailed link: what stands behind <c>token=</c>.</param>
/// <param name="NewPasswordAgain">Absent counts as repeated rightly: a program does not mistype.</param>
public sealed record ResetPasswordRequest(string Link, PlainPassword NewPassword, PlainPassword? NewPasswordAgain = null);

public static class RecoveryApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var open = new OpenToAllAttribute();
        var group = app.MapGroup("/api/v1/password-recovery").WithTags("Password").WithMetadata(open);

        group.MapPost("", async (RecoveryAskRequest body, HttpContext context, RequestRecovery request) =>
            await request.Run(body.Email, Client.Of(context)) is { Ok: false } refused ? Api.Refuse(refused.Refusal) : Results.Accepted())
            .WithName("requestPasswordRecovery").WithSummary("Ask for a letter with a link to choose a new password")
            .WithDescription("202 for every address, whether it has an account or not: it only says that somebody asked. One letter a minute at most, and a few an hour; a newer link takes the place of older ones.")
            .Produces(202).ProducesProblem(400).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/reset", async (ResetPasswordRequest body, HttpContext context, ResetPassword reset) =>
        {
            if (!SecretToken.TryHash(body.Link, out var link)) return Api.Refuse(LinkRefusals.Over);
            var again = body.NewPasswordAgain is { IsEmpty: false } typed ? typed : body.NewPassword;
            var outcome = await reset.Run(link, body.NewPassword, again, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("resetPassword").WithSummary("Choose a new password by a mailed link: every session ends, and nobody is signed in")
            .Produces(204).ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

        // What people type by hand, and other products call it.
        app.MapGet("/recover-password", () => Results.Redirect(ForgotPasswordPage.Address)).WithMetadata(open).ExcludeFromDescription();
    }
}
