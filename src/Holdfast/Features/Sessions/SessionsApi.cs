using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Places;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>Who is signed in: what a product's own code needs to know.</summary>
/// <param name="Methods">How the sign-in was proven.</param>
/// <param name="ProvenAt">The last proof, by sign-in or step-up.</param>
/// <param name="SecondProvenAt">The last proof by a second factor; absent when there was none in this session.</param>
public sealed record SessionAnswer(string Id, AccountInSession Account, IReadOnlyList<WorkspaceInSession> Workspaces, IReadOnlyList<string> Methods, DateTimeOffset SignedInAt, DateTimeOffset ProvenAt, IReadOnlyList<string> ProvenWith, DateTimeOffset? SecondProvenAt, TwoFactorInSession TwoFactor, DateTimeOffset EndsAt);

/// <param name="On">Every sign-in asks for a second factor.</param>
/// <param name="Required">A role asks for it.</param>
/// <param name="EnrolBy">When it is asked for and not on: the end of the days of grace.</param>
/// <param name="MustEnrol">Those days are over: the session opens the set-up and nothing else. Treat the person as not signed in.</param>
public sealed record TwoFactorInSession(bool On, bool Required, DateTimeOffset? EnrolBy, bool MustEnrol);

public sealed record AccountInSession(string Id, string Email, string Name, string? Language, string? TimeZone, bool Operator);

/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, or the id of a custom role.</param>
/// <param name="RoleName">Of a custom role; absent for the others.</param>
/// <param name="Permissions">What the role allows.</param>
public sealed record WorkspaceInSession(string Id, string Slug, string Name, string Role, string? RoleName, IReadOnlyList<string> Permissions);

/// <param name="Current">The session that asks.</param>
/// <param name="Device">In words: "Chrome on Windows 11".</param>
/// <param name="Place">In words: a place on earth, approximate, or the kind of network.</param>
/// <param name="City">With the four that follow: absent where the file of places knows nothing.</param>
/// <param name="EndReason">Why it ended; absent while it is live.</param>
/// <param name="Browser">Browser, app, program or bot; absent when unknown.</param>
/// <param name="BrowserVersion">The major version; absent when unknown.</param>
/// <param name="System">Such as "Windows", "iOS"; absent when unknown.</param>
/// <param name="SystemVersion">Such as "11", "18.5"; absent when unknown, or where browsers do not tell.</param>
/// <param name="DeviceType">phone, tablet, computer, tv, console, watch, program, bot or other.</param>
public sealed record ListedSession(string Id, bool Current, string Device, string Place, string? City, string? Country, string? CountryCode, double? Latitude, double? Longitude, string Address, DateTimeOffset SignedInAt, IReadOnlyList<string> Methods,
    DateTimeOffset LastActiveAt, DateTimeOffset? EndedAt, string? EndReason, string? Browser, string? BrowserVersion, string? System, string? SystemVersion, string DeviceType);

/// <param name="Live">This one first, then by last use.</param>
/// <param name="Next">Cursor of the page after; absent on the last. It is about <paramref name="Live"/>.</param>
public sealed record SessionListAnswer(IReadOnlyList<ListedSession> Live, IReadOnlyList<ListedSession> Ended, string? Next);

/// <param name="Ids">1 to <see cref="ListSessions.Most"/>. The session that asks, and ids that are not this person's or over already, are passed by.</param>
public sealed record EndSessionsRequest(IReadOnlyList<string> Ids);

/// <param name="Ended">How many sessions were ended.</param>
public sealed record EndedAnswer(int Ended);

public static class SessionsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Sessions");

        // The hot path: its body is made once per session and kept beside it.
        RequestDelegate current = context =>
        {
            var me = context.Me();
            // Whether the set-up of two-factor comes first changes with the time alone: then nothing is kept.
            var body = me.TwoFactorRule.EnrolBy is null ? me.Answer(Describe) : Describe(me, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        };
        // A bare delegate is described only when it names its method.
        group.MapGet("/session", current).WithMetadata(current.Method, new OpenWhileEnrollingAttribute()).WithName("getSession").WithSummary("Who is signed in").WithMetadata(new ProducesResponseTypeMetadata(200, typeof(SessionAnswer), ["application/json"]), new ProducesResponseTypeMetadata(401, typeof(Problem), ["application/problem+json"]));

        group.MapGet("/sessions", async (HttpContext context, ListSessions list, FindPlace places, Words words, ProductSettings product, bool ended = false, int limit = ListSessions.Most, string? after = null) =>
        {
            if (limit is < 1 or > ListSessions.Most) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, ListSessions.Most]));
            var me = context.Me();
            var text = words.Of(context);
            var sessions = await list.Run(me, withEnded: ended);
            var (page, next) = SessionCursor.Page(sessions.Live, after, limit);
            ListedSession Listed(Session session) => Describe(session, me, places.Of(session.Address, text), text, product);
            return Results.Ok(new SessionListAnswer([.. page.Select(Listed)], [.. sessions.Ended.Select(Listed)], next));
        }).WithName("listSessions").WithSummary("Live sessions, and with ?ended=true those that ended in the last 30 days; `after` takes the cursor `next` of the page before").Produces<SessionListAnswer>().ProducesProblem(400);

        group.MapDelete("/sessions/{id}", async (string id, HttpContext context, EndSessions end) =>
        {
            var me = context.Me();
            var outcome = await end.One(me, id, Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            if (id == me.Session.Id) Api.ForgetSession(context);
            return Results.NoContent();
        }).WithName("endSession").WithSummary("Sign out one session").Produces(204).ProducesProblem(403).ProducesProblem(404);

        group.MapPost("/sessions/end", async (EndSessionsRequest body, HttpContext context, EndSessions end) =>
        {
            if (body.Ids.Count is < 1 or > ListSessions.Most) return Api.Refuse(new Refusal("request.range", 400, "ids", Args: [1, ListSessions.Most]));
            var outcome = await end.Those(context.Me(), body.Ids, Client.Of(context));
            return outcome.Ok ? Results.Ok(new EndedAnswer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("endSessions").WithSummary("Sign out several sessions").Produces<EndedAnswer>().ProducesProblem(400).ProducesProblem(403);

        group.MapPost("/sessions/end-others", async (HttpContext context, EndSessions end) =>
        {
            var outcome = await end.Others(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Ok(new EndedAnswer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("endOtherSessions").WithSummary("Sign out everywhere else").Produces<EndedAnswer>().ProducesProblem(403);

        group.MapPost("/sessions/end-all", async (HttpContext context, EndSessions end) =>
        {
            var outcome = await end.All(context.Me(), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.ForgetSession(context);
            return Results.Ok(new EndedAnswer(outcome.Value));
        }).WithName("endAllSessions").WithSummary("Sign out everywhere, here included").Produces<EndedAnswer>().ProducesProblem(403);

        group.MapPost("/sign-out", async (HttpContext context, EndSessions end) =>
        {
            await end.SignOut(context.Me(), Client.Of(context));
            Api.ForgetSession(context);
            return Results.NoContent();
        }).WithName("signOut").WithSummary("Sign out here").WithMetadata(new OpenWhileEnrollingAttribute(), new OpenWhileClosingAttribute()).Produces(204);
    }

    public static SessionAnswer Answer(SignedIn me, DateTimeOffset endsAt, DateTimeOffset now) => new(
        me.Session.Id,
        new AccountInSession(me.Account.Id, me.Account.Email, me.Account.Name, me.Account.Language, me.Account.TimeZone, me.Account.IsOperator),
        [.. me.Memberships.Select(m => new WorkspaceInSession(m.WorkspaceId, m.Slug, m.Workspace, m.Role, m.RoleName, m.Rights.Permissions))],
        me.Session.SignedInWith.Split(' '), me.Session.CreatedAt, me.Session.ProvenAt, me.Session.ProvenWith.Split(' '),
        me.Session.SecondProvenAt, new TwoFactorInSession(me.Factors.IsOn, me.TwoFactorRule.Exists, me.TwoFactorRule.EnrolBy, me.TwoFactorRule.MustEnrol(now)), endsAt);

    private static byte[] Describe(SignedIn me) => Describe(me, me.Session.CreatedAt);

    private static byte[] Describe(SignedIn me, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(Answer(me, me.LatestEnd, now), ApiJson.Default.SessionAnswer);

    private static ListedSession Describe(Session s, SignedIn me, Place place, Text text, ProductSettings product)
    {
        var device = s.Device;
        return new ListedSession(s.Id, s.Id == me.Session.Id, device.Name(text, product.Name), place.Say(text), place.City, place.Country, place.CountryCode, place.Latitude, place.Longitude, s.Address,
            s.CreatedAt, s.SignedInWith.Split(' '), s.Id == me.Session.Id ? me.LastActiveAt : s.LastActiveAt, s.EndedAt, s.EndReason,
            device.Browser, device.BrowserVersion, device.System, device.SystemVersion, device.Type);
    }
}
