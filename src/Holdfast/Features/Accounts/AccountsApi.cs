using Holdfast.Web;

namespace Holdfast.Features.Accounts;

public sealed record AccountAnswer(string Id, string Email, string Name, string? Language, string? TimeZone, DateTimeOffset CreatedAt);

/// <summary>What is absent stays as it is; an empty language or time zone means "none chosen".</summary>
public sealed record ProfileRequest(string? Name = null, string? Language = null, string? TimeZone = null);

public static class AccountsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/account").WithTags("Account");

        group.MapGet("", (HttpContext context) => TypedResults.Ok(Answer(context.Me().Account))).WithName("getAccount").WithSummary("The person's own account");

        group.MapPatch("", async (ProfileRequest body, HttpContext context, ChangeProfile change) =>
        {
            var account = context.Me().Account;
            var form = new ProfileForm(body.Name ?? account.Name, body.Language ?? account.Language, body.TimeZone ?? account.TimeZone);
            var outcome = await change.Run(context.Me(), form, Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            return Results.Ok(Answer(account with { Name = form.Name.Trim(), Language = Empty(form.Language), TimeZone = Empty(form.TimeZone) }));
        }).WithName("changeAccount").WithSummary("Change name, language, time zone").Produces<AccountAnswer>().ProducesProblem(400);
    }

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static AccountAnswer Answer(Account account) => new(account.Id, account.Email, account.Name, account.Language, account.TimeZone, account.CreatedAt);
}
