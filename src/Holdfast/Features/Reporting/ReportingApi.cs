using Holdfast.Features.ApiKeys;
using Holdfast.Features.OAuth;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.Reporting;

/// <param name="From">First day, in <paramref name="Zone"/>.</param>
/// <param name="To">Last day, included.</param>
/// <param name="Before">The same of as many days before.</param>
/// <param name="Days">Every day, in order.</param>
/// <param name="Roles">Two-factor by role, as it is now.</param>
public sealed record ReportAnswer(DateOnly From, DateOnly To, string Zone, string? Method, FiguresAnswer Total, FiguresAnswer Before, IReadOnlyList<DayAnswer> Days, IReadOnlyList<CoverageAnswer> Roles);

/// <param name="WithSecondStep">Sign-ins with a second factor, or with a passkey.</param>
/// <param name="WithoutSecondStep">Other sign-ins.</param>
/// <param name="Failed">Wrong passwords, passkeys and second steps.</param>
/// <param name="SecondStepFailed">Of these, second steps.</param>
/// <param name="NewDevices">Sign-ins from a browser that was new to the account.</param>
/// <param name="NewCountries">Sign-ins from a country that was new to the account.</param>
public sealed record FiguresAnswer(long WithSecondStep, long WithoutSecondStep, long Failed, long SecondStepFailed, long SecondStepAsked, long NewDevices, long NewCountries, long UnusualHigh, long UnusualMedium, long UnusualLow)
{
    internal static FiguresAnswer Of(ReportFigures f) => new(f.WithSecondStep, f.WithoutSecondStep, f.Failed, f.SecondStepFailed, f.SecondStepAsked, f.NewDevices, f.NewCountries, f.UnusualHigh, f.UnusualMedium, f.UnusualLow);
}

public sealed record DayAnswer(DateOnly Day, FiguresAnswer Figures);

/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, or the id of a custom role.</param>
/// <param name="RoleName">Of a custom role; absent for the others.</param>
public sealed record CoverageAnswer(string Role, string? RoleName, long People, long WithTwoFactor);

/// <param name="Next">Cursor of the page after; absent on the last.</param>
public sealed record ArrivalsAnswer(IReadOnlyList<ArrivalAnswer> Items, string? Next);

/// <param name="Device">In words.</param>
/// <param name="Place">In words, approximate.</param>
/// <param name="With">What they signed in with, in words.</param>
public sealed record ArrivalAnswer(string Id, DateTimeOffset At, string UserId, string Person, bool NewDevice, bool NewCountry, string Device, string Place, string With);

/// <param name="Works">False while its maker may not stand behind it.</param>
public sealed record ReportedKey(string Id, string Name, string BeginsWith, IReadOnlyList<string> Scopes, string? MadeBy, DateTimeOffset MadeAt, DateTimeOffset? EndsAt, DateTimeOffset? LastUsedAt, bool Works);

/// <summary>The reporting of a workspace, for people with the permission and for programs with the scope.</summary>
public static class ReportingApi
{
    private sealed record Asked(string? From = null, string? To = null, int Days = ReportDays.Usual, string? Zone = null, string? Method = null, string? Role = null);

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/workspaces/{workspace}/reporting").WithTags("Reporting");

        group.MapGet("", async (string workspace, HttpContext context, LookAtReporting look, TimeProvider clock, string? from = null, string? to = null, int days = ReportDays.Usual, string? zone = null, string? method = null) =>
        {
            var read = ReportDays.Read(from, to, days, zone, clock.GetUtcNow());
            if ((read.Refusal ?? RefuseMethod(method)) is { } refusal) return Api.Refuse(refusal);
            var report = await look.Run(context.InWorkspace(), read.Value, method);
            return Results.Ok(new ReportAnswer(report.Days.From, report.Days.To, report.Days.Zone.Id, method, FiguresAnswer.Of(report.Total), FiguresAnswer.Of(report.Before),
                [.. report.Each.Select(each => new DayAnswer(each.Day, FiguresAnswer.Of(each.Figures)))], [.. report.Coverage.Select(c => new CoverageAnswer(c.Role.Key, c.Role.CustomName, c.People, c.WithTwoFactor))]));
        }).WithName("getReport").WithSummary("Figures by day, and two-factor by role. `from` and `to` are days such as 2026-11-30 (400 at most), or `days` up to today; `zone` is an IANA name (default UTC); `method` is password, passkey, totp or recovery_code")
            .Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead).Produces<ReportAnswer>().ProducesProblem(400);

        group.MapGet("/without-two-factor", async (string workspace, HttpContext context, ListUsers list, string? role = null, string? after = null, int limit = ListUsers.PageSize) =>
        {
            if (limit is < 1 or > ListUsers.Most) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, ListUsers.Most]));
            if (RefuseRole(role) is { } refusal) return Api.Refuse(refusal);
            if (!list.Knows(context.InWorkspace(), after)) return Api.Refuse(new Refusal("request.malformed", 400, "after"));
            var page = await list.Run(context.InWorkspace(), UserSearch.Of(null, role, UserSearch.WithoutTwoFactor), after, limit);
            return Results.Ok(new UserListAnswer([.. page.People.Select(p => new ListedUser(p.AccountId, p.Name, p.Email, p.Role, p.RoleName, p.HasTwoFactor, p.SuspendedAt is not null, p.LastSignInAt))], page.Next));
        }).WithName("listWithoutTwoFactor").WithSummary("People without two-factor, by name; `role` takes a key; `after` takes the cursor `next` of the page before").Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead).Produces<UserListAnswer>().ProducesProblem(400);

        group.MapGet("/new-devices", async (string workspace, HttpContext context, ListArrivals list, Words words, TimeProvider clock, string? from = null, string? to = null, int days = ReportDays.Usual, string? zone = null, string? before = null, int limit = 50) =>
        {
            if (limit is < 1 or > ListArrivals.Most) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, ListArrivals.Most]));
            var read = ReportDays.Read(from, to, days, zone, clock.GetUtcNow());
            if (!read.Ok) return Api.Refuse(read.Refusal);
            var page = await list.Run(context.InWorkspace(), read.Value, before, words.Of(context), limit);
            return Results.Ok(new ArrivalsAnswer([.. page.Items.Select(i => new ArrivalAnswer(i.Id, i.At, i.AccountId, i.Person, i.NewDevice, i.NewCountry, i.Device, i.Place, i.With))], page.Next));
        }).WithName("listNewDevices").WithSummary("Sign-ins from new devices and countries, of people who are in no other workspace; newest first; `before` takes the cursor `next`").Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead).Produces<ArrivalsAnswer>().ProducesProblem(400);

        group.MapGet("/api-keys", async (string workspace, HttpContext context, ListApiKeys list) => TypedResults.Ok<IReadOnlyList<ReportedKey>>(
            [.. (await list.Run(context.InWorkspace())).Select(k => new ReportedKey(k.Key.Id, k.Key.Name, k.Key.BeginsWith, k.Key.ScopeList, k.Maker, k.Key.MadeAt, k.Key.EndsAt, k.Key.LastUsedAt, !k.IsUnbacked))]))
            .WithName("reportApiKeys").WithSummary("Live API keys and when each was last used").Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead);

        group.MapGet("/applications", async (string workspace, HttpContext context, ListGrants list, string? before = null, int limit = ListGrants.PageSize) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var page = await list.InWorkspace(context.InWorkspace(), before, limit);
            return Results.Ok(new MemberGrantsAnswer([.. page.Items.Select(i => new MemberGrantAnswer(i.Grant.Id, i.Grant.AccountId, i.Grant.Person, i.Grant.ClientId, i.Client?.Name ?? i.Grant.ClientId, i.Client?.Maker, Scope.Split(i.Grant.Scopes), Scope.Split(i.Grant.Resources), i.Grant.MadeAt, i.Grant.LastUsedAt))], page.Next));
        }).WithName("reportApplications").WithSummary("Applications that people let into the workspace, and when each was last used; `before` takes the cursor `next`").Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead).Produces<MemberGrantsAnswer>().ProducesProblem(400);

        group.MapGet("/{table}.csv", (string workspace, string table, HttpContext context, string? from = null, string? to = null, int days = ReportDays.Usual, string? zone = null, string? method = null, string? role = null) => File(context, table, new Asked(from, to, days, zone, method, role)))
            .WithName("getReportFile").WithSummary("A table as CSV: days, two-factor, without-two-factor, new-devices, api-keys or applications").Needs(Permission.ReportingView).ForKeys(ApiScope.ReportingRead).Produces<string>(200, ReportFiles.MediaType).ProducesProblem(400);

        // The same for the page: days as the person counts them.
        app.MapGet("/w/{workspace}/reporting/{table}.csv", (string workspace, string table, HttpContext context, string? from = null, string? to = null, int days = ReportDays.Usual, string? method = null, string? role = null) =>
            File(context, table, new Asked(from, to, days, ReportingPage.ZoneOf(context.Me()), method, role)))
            .Needs(Permission.ReportingView).ExcludeFromDescription();
    }

    private static Refusal? RefuseMethod(string? method) => method is null || ReportFigures.Methods.Contains(method, StringComparer.Ordinal) ? null : new Refusal("request.malformed", 400, "method");

    private static Refusal? RefuseRole(string? role) => string.IsNullOrEmpty(role) || UserSearch.Of(null, role, null).Role == role ? null : new Refusal("request.malformed", 400, "role");

    private static async Task<IResult> File(HttpContext context, string table, Asked asked)
    {
        var services = context.RequestServices;
        if (!ReportFiles.All.Contains(table, StringComparer.Ordinal)) return await Refuse(context, WorkspaceRefusals.NotFound);
        var clock = services.GetRequiredService<TimeProvider>();
        var read = ReportDays.Read(asked.From, asked.To, asked.Days, asked.Zone, clock.GetUtcNow());
        if ((read.Refusal ?? RefuseMethod(asked.Method) ?? RefuseRole(asked.Role)) is { } refusal) return await Refuse(context, refusal);
        var (files, actor) = (services.GetRequiredService<ReportFiles>(), context.InWorkspace());
        var file = new FileAsked(actor, read.Value, asked.Method, asked.Role ?? "", services.GetRequiredService<Words>().Of(context));
        return Results.Stream(async to =>
        {
            using var late = new CancellationTokenSource(ReportFiles.Longest, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
            try
            {
                await files.Write(table, file, to, stop.Token);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested)
            {
                context.Abort();
            }
        }, ReportFiles.MediaType, $"{actor.Slug}-{table}.csv");
    }

    /// <summary>As a page where a page asked, else as problem details.</summary>
    private static async Task<IResult> Refuse(HttpContext context, Refusal refusal)
    {
        await Problems.Answer(context, refusal);
        return Results.Empty;
    }
}
