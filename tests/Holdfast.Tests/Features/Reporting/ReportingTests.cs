using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using AngleSharp.Dom;
using Holdfast.Features.Audit;
using Holdfast.Features.Reporting;
using Holdfast.Features.Workspaces;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Features.Reporting;

public sealed class ReportingTests
{
    /// <summary>Waits are not what these are about.</summary>
    private static readonly Dictionary<string, string?> Patient = new() { ["SignIn:FreeTries"] = "20", ["SignIn:NetworkLimit"] = "10000" };

    private static async Task<JsonElement> Total(Visitor visitor, Crew crew, string query = "") => (await visitor.Get($"{crew.Api}/reporting{query}")).Expect(200).Json.GetProperty("total");

    private static long Of(JsonElement figures, string name) => figures.GetProperty(name).GetInt64();

    private static Task Fold(TestApp app) => app.Get<FoldReports>().Run(CancellationToken.None);

    [Theory, Engines]
    public async Task Fifty_sign_ins_at_once_are_fifty_while_they_are_being_added_up(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var people = new List<Person>();
        for (var i = 0; i < 10; i++) people.Add(await crew.Add("member"));
        var admin = await app.SignedIn(await crew.Add("admin"));
        using var done = new CancellationTokenSource();
        var folding = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await Fold(app);
        });
        // Ten people, five times each with the password and once without.
        var tries = Enumerable.Range(0, 60).Select(async i => (await app.Visitor().SignIn(people[i % 10].Email, i < 50 ? people[i % 10].Password : "not the password")).Expect(i < 50 ? 204 : 401));
        await Task.WhenAll(tries);
        var halfway = await Total(admin, crew);
        await done.CancelAsync();
        await folding;
        // One is the admin's own.
        foreach (var total in new[] { halfway, await Total(admin, crew) })
        {
            Assert.Equal((51, 10, 0), (Of(total, "withoutSecondStep"), Of(total, "failed"), Of(total, "withSecondStep")));
            Assert.Equal(51, Of(total, "newDevices"));
        }
        await Fold(app);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM report_events")));
        Assert.Equal(61, await app.Db.Read(tx => tx.Count("SELECT CAST(SUM(n) AS BIGINT) FROM report_counts WHERE what IN ('signed_in', 'failed')")));
        Assert.Equal(51, Of(await Total(admin, crew), "withoutSecondStep"));
    }

    [Theory, Engines]
    public async Task What_was_undone_counts_nothing_and_adding_up_that_was_cut_off_neither_loses_nor_doubles(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var member = await crew.Add("member");
        var admin = await app.SignedIn(await crew.Add("admin"));
        await app.SignedIn(member);
        await app.Db.Write(async tx =>
        {
            await AuditLog.Record(tx, app.Now, new AuditEvent(AuditKind.SignedIn, member.Id, Client.Server) { Data = new Dictionary<string, string> { ["method"] = "password" } });
            tx.Undo();
            return 0;
        });
        Assert.Equal(2, Of(await Total(admin, crew), "withoutSecondStep"));
        for (var i = 0; i < 3; i++)
        {
            // As a server that is killed half-way.
            await app.Db.Write(async tx => { await FoldReports.Some(tx); tx.Undo(); return 0; });
            Assert.Equal(2, Of(await Total(admin, crew), "withoutSecondStep"));
            await Fold(app);
            Assert.Equal(2, Of(await Total(admin, crew), "withoutSecondStep"));
        }
    }

    [Theory, Engines]
    public async Task Page_API_file_and_log_say_the_same(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var (member, boss) = (await crew.Add("member"), await crew.Add("admin"));
        for (var day = 0; day < 4; day++)
        {
            for (var i = 0; i <= day; i++) (await app.Visitor().SignIn(member.Email, "not the password")).Expect(401);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await app.SignedIn(member);
            if (day % 2 == 0) await Fold(app);
            app.Clock.Advance(TimeSpan.FromDays(1));
        }
        var enrolling = await app.SignedIn(member);
        var phone = await app.Enrol(enrolling);
        app.NextCode();
        var (wrong, right) = (app.Visitor(), app.Visitor());
        (await wrong.SignIn(member.Email, member.Password)).Expect(202);
        (await wrong.Verify(phone.WrongCode())).Expect(400);
        (await right.SignIn(member.Email, member.Password)).Expect(202);
        (await right.Verify(phone.Code())).Expect(200);
        var admin = await app.SignedIn(boss);

        async Task<long> Logged(string kind) => await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE kind = @kind", new { kind }));
        var answer = (await admin.Get($"{crew.Api}/reporting?days=7")).Expect(200).Json;
        var total = answer.GetProperty("total");
        Assert.Equal(await Logged(AuditKind.SignedIn), Of(total, "withSecondStep") + Of(total, "withoutSecondStep"));
        Assert.Equal(1, Of(total, "withSecondStep"));
        Assert.Equal(await Logged(AuditKind.SignInFailed) + await Logged(AuditKind.SecondStepFailed), Of(total, "failed"));
        Assert.Equal((11, 1), (Of(total, "failed"), Of(total, "secondStepFailed")));
        Assert.Equal(await Logged(AuditKind.SecondStepAsked), Of(total, "secondStepAsked"));
        Assert.Equal(await Logged(AuditKind.UnusualFound), Of(total, "unusualHigh") + Of(total, "unusualMedium") + Of(total, "unusualLow"));

        var days = answer.GetProperty("days").EnumerateArray().Select(d => (Day: d.GetProperty("day").GetString()!, Figures: d.GetProperty("figures"))).ToList();
        Assert.Equal(7, days.Count);
        string[] names = ["withSecondStep", "withoutSecondStep", "failed", "secondStepFailed", "secondStepAsked", "newDevices", "newCountries", "unusualHigh", "unusualMedium", "unusualLow"];
        foreach (var name in names) Assert.Equal(Of(total, name), days.Sum(d => Of(d.Figures, name)));

        var file = (await admin.Get($"{crew.Page}/reporting/days.csv?days=7")).Expect(200);
        var lines = file.Body.TrimStart('\uFEFF').TrimEnd().Split("\r\n");
        Assert.Equal(days.Select(d => $"\"{d.Day}\",{string.Join(',', names.Select(name => $"\"{Of(d.Figures, name)}\""))}"), lines.Skip(1));
        Assert.Equal(file.Body, (await admin.Get($"{crew.Api}/reporting/days.csv?days=7")).Expect(200).Body);

        var page = await admin.Open($"{crew.Page}/reporting?days=7");
        var rows = page.Document.QuerySelectorAll("#sign-ins-table tbody tr").Select(row => row.QuerySelectorAll("td").Select(cell => long.Parse(cell.TextContent, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)).ToArray()).Reverse().ToList();
        Assert.Equal(days.Select(d => names[..5].Select(name => Of(d.Figures, name)).ToArray()), rows);
        var sums = page.Document.QuerySelectorAll("#sign-ins-table tfoot td").Select(cell => long.Parse(cell.TextContent, CultureInfo.InvariantCulture));
        Assert.Equal(names[..5].Select(name => Of(total, name)), sums);

        // By one method alone.
        var byCode = await Total(admin, crew, "?days=7&method=totp");
        Assert.Equal((1, 0, 1), (Of(byCode, "withSecondStep"), Of(byCode, "withoutSecondStep"), Of(byCode, "failed")));
        Assert.Equal(0, Of(await Total(admin, crew, "?days=7&method=passkey"), "withoutSecondStep"));
    }

    [Theory, Engines]
    public async Task A_day_on_which_the_clocks_change_has_25_or_23_hours_of_sign_ins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var member = await crew.Add("member");
        var admin = await app.SignedIn(await crew.Add("admin"));
        await app.Db.Write(async tx =>
        {
            // One an hour, for the days around both changes of a year.
            foreach (var day in new[] { new DateTimeOffset(2024, 3, 30, 12, 30, 0, TimeSpan.Zero), new DateTimeOffset(2024, 10, 26, 12, 30, 0, TimeSpan.Zero) })
            {
                for (var hour = 0; hour < 60; hour++) await AuditLog.Record(tx, day.AddHours(hour - 12), new AuditEvent(AuditKind.SignedIn, member.Id, Client.Server) { Data = new Dictionary<string, string> { ["method"] = "password" } });
            }
            return 0;
        });
        for (var i = 0; i < 2; i++)
        {
            foreach (var (day, zone, hours) in new[] { ("2024-03-31", "Europe/Rome", 23), ("2024-10-27", "Europe/Rome", 25), ("2024-03-31", "UTC", 24), ("2024-10-27", "UTC", 24), ("2024-10-27", "Asia/Kolkata", 24) })
            {
                var answer = (await admin.Get($"{crew.Api}/reporting?from={day}&to={day}&zone={zone}")).Expect(200).Json;
                Assert.Equal((day, hours), (answer.GetProperty("days")[0].GetProperty("day").GetString(), Of(answer.GetProperty("total"), "withoutSecondStep")));
            }
            var year = (await admin.Get($"{crew.Api}/reporting?from=2024-01-01&to=2024-12-31&zone=Europe/Rome")).Expect(200).Json;
            var days = year.GetProperty("days").EnumerateArray().ToDictionary(d => d.GetProperty("day").GetString()!, d => Of(d.GetProperty("figures"), "withoutSecondStep"));
            Assert.Equal((366, 120, 23, 25), (days.Count, days.Values.Sum(), days["2024-03-31"], days["2024-10-27"]));
            await Fold(app);
        }
    }

    [Theory, Engines]
    public async Task What_happened_before_there_were_figures_is_counted_once(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var member = await crew.Add("member");
        for (var i = 0; i < 3; i++)
        {
            await app.SignedIn(member);
            (await app.Visitor().SignIn(member.Email, "not the password")).Expect(401);
            app.Clock.Advance(TimeSpan.FromHours(30));
        }
        // Somebody who came later was a stranger when they signed in before.
        var late = await app.AddAccount("late@almondbirch.example");
        await app.SignedIn(late);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await crew.Join(late, "member");
        var admin = await app.SignedIn(await crew.Add("admin"));
        await Fold(app);
        var (before, listed) = ((await admin.Get($"{crew.Api}/reporting")).Expect(200).Body, (await admin.Get($"{crew.Api}/reporting/new-devices")).Expect(200).Body);
        Assert.Equal(4, Of(JsonDocument.Parse(before).RootElement.GetProperty("total"), "withoutSecondStep"));
        await app.Db.Write(async tx =>
        {
            foreach (var table in new[] { "report_counts", "report_events", "report_arrivals" }) await tx.Execute($"DELETE FROM {table}");
            return await tx.Execute("INSERT INTO report_backlog (account_id, entry_id, at, kind, data) SELECT account_id, id, at, kind, data FROM audit_entries WHERE account_id <> ''");
        });
        for (var i = 0; i < 2; i++)
        {
            await Fold(app);
            Assert.Equal(before, (await admin.Get($"{crew.Api}/reporting")).Expect(200).Body);
            Assert.Equal(listed, (await admin.Get($"{crew.Api}/reporting/new-devices")).Expect(200).Body);
        }
    }

    [Theory, Engines]
    public async Task Somebody_in_two_workspaces_counts_in_both_is_listed_in_none_and_counts_no_more_once_they_left(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (both, only) = (await crew.Add("member", name: "Nia Pritchard"), await crew.Add("member", name: "Rosa Delgado"));
        await other.Join(both, "member");
        var (here, there) = (await app.SignedIn(await crew.Add("admin")), await app.SignedIn(await other.Add("admin")));
        await app.SignedIn(both);
        await app.SignedIn(only);
        Assert.Equal((3, 2), (Of(await Total(here, crew), "withoutSecondStep"), Of(await Total(there, other), "withoutSecondStep")));
        Assert.Equal((3, 2), (Of(await Total(here, crew), "newDevices"), Of(await Total(there, other), "newDevices")));
        var listed = (await here.Get($"{crew.Api}/reporting/new-devices")).Expect(200).Body;
        Assert.Contains("Rosa Delgado", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("Nia Pritchard", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("Nia Pritchard", (await there.Get($"{other.Api}/reporting/new-devices")).Expect(200).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", listed, StringComparison.Ordinal);

        // Suspended here is still a member; removed is none.
        (await here.Post($"{crew.Api}/users/{both.Id}/suspend")).Expect(204);
        await app.SignedIn(both);
        Assert.Equal(4, Of(await Total(here, crew), "withoutSecondStep"));
        (await here.Delete($"{crew.Api}/users/{both.Id}")).Expect(204);
        await app.SignedIn(both);
        Assert.Equal((4, 4), (Of(await Total(here, crew), "withoutSecondStep"), Of(await Total(there, other), "withoutSecondStep")));

        // Nobody sees another workspace's figures, and members see none.
        var plain = await app.SignedIn(only);
        foreach (var path in new[] { "/reporting", "/reporting/without-two-factor", "/reporting/new-devices", "/reporting/api-keys", "/reporting/applications", "/reporting/days.csv" })
        {
            (await there.Get(crew.Api + path)).Expect(404, "request.not_found");
            (await plain.Get(crew.Api + path)).Expect(403, "workspace.not_allowed");
        }
        foreach (var path in new[] { "/reporting", "/reporting/days.csv", "/reporting/without-two-factor.csv" })
        {
            (await there.Get(crew.Page + path)).Expect(404);
            (await plain.Get(crew.Page + path)).Expect(403);
        }
        // Anybody with the permission does, though they may see nobody's page.
        var looker = await crew.Add(await crew.Role("Looks at figures", Permission.ReportingView));
        var page = await (await app.SignedIn(looker)).Open($"{crew.Page}/reporting");
        Assert.Equal(200, page.Answer.Status);
        Assert.Null(page.Document.QuerySelector($"a[href^='{crew.Page}/users']"));
        Assert.Contains("Rosa Delgado", page.Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_key_with_the_scope_reads_every_table_and_another_none(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        async Task<Visitor> Key(string scope)
        {
            var made = (await owner.Post($"{crew.Api}/api-keys", new { name = scope, scopes = new[] { scope }, days = 30 })).Expect(201).Json;
            var program = app.Visitor("robot/1.0");
            program.Headers["Authorization"] = $"Bearer {made.GetProperty("key").GetString()}";
            return program;
        }
        var (reads, other) = (await Key("reporting.read"), await Key("audit.read"));
        string[] paths = ["", "/without-two-factor", "/new-devices", "/api-keys", "/applications", .. ReportFiles.All.Select(name => $"/{name}.csv")];
        foreach (var path in paths)
        {
            (await reads.Get($"{crew.Api}/reporting{path}")).Expect(200);
            (await other.Get($"{crew.Api}/reporting{path}")).Expect(403, "api_key.scope_missing");
        }
        (await reads.Get($"{crew.Api}/audit-log")).Expect(403, "api_key.scope_missing");
        (await reads.Get($"{crew.Api}/users")).Expect(403, "api_key.scope_missing");
        (await reads.Get($"{crew.Api}/reporting/secrets.csv")).Expect(404, "request.not_found");
        (await reads.Get($"{crew.Page}/reporting")).Expect(403);
        // Of operators a program learns no more than who made its key would without being one.
        Assert.Equal(2, (await reads.Get($"{crew.Api}/reporting/api-keys")).Expect(200).Json.GetArrayLength());
    }

    [Theory, Engines]
    public async Task A_person_who_is_erased_leaves_figures_and_nothing_of_themselves(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var person = await crew.Add("member", name: "Katrin Aebischer");
        var boss = await crew.Add("admin");
        var leaving = await app.SignedIn(person);
        var admin = await app.SignedIn(boss);
        Assert.Contains("Katrin Aebischer", (await admin.Get($"{crew.Api}/reporting/new-devices")).Expect(200).Body, StringComparison.Ordinal);
        await Leaving.Ask(leaving);
        (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        await Leaving.Finish(app, (await Leaving.Open(app, person))!.Id);
        await Fold(app);
        Assert.Equal(3, Of(await Total(admin, crew), "withoutSecondStep"));
        foreach (var path in new[] { "/reporting", "/reporting/new-devices", "/reporting/without-two-factor", "/reporting/new-devices.csv" })
        {
            var body = (await admin.Get(crew.Api + path)).Expect(200).Body;
            Assert.DoesNotContain("Katrin", body, StringComparison.Ordinal);
            Assert.DoesNotContain(person.Id, body, StringComparison.Ordinal);
        }
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM report_arrivals WHERE account_id = @Id", new { person.Id })));
    }

    [Theory, Engines]
    public async Task What_is_no_range_is_said_at_the_field_and_the_page_stays(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        (await admin.Get($"{crew.Api}/reporting?from=2026-02-30")).Expect(400, "reporting.day_unknown");
        (await admin.Get($"{crew.Api}/reporting?from=2020-01-02&to=2020-01-01")).Expect(400, "reporting.order");
        (await admin.Get($"{crew.Api}/reporting?from=2020-01-01")).Expect(400, "reporting.too_long");
        (await admin.Get($"{crew.Api}/reporting?zone=Mars/Olympus")).Expect(400, "reporting.zone_unknown");
        (await admin.Get($"{crew.Api}/reporting?method=telepathy")).Expect(400, "request.malformed");
        (await admin.Get($"{crew.Api}/reporting?days=x")).Expect(400);
        (await admin.Get($"{crew.Api}/reporting/days.csv?days=401")).Expect(400, "request.range");
        (await admin.Get($"{crew.Api}/reporting/without-two-factor?after=x")).Expect(400, "request.malformed");
        (await admin.Get($"{crew.Api}/reporting/without-two-factor?role=a%20b")).Expect(400, "request.malformed");
        foreach (var (query, words) in new[] { ("from=<script>", "Enter a day"), ("from=2020-02-02&to=2020-02-01", "comes after"), ("from=2020-01-01&to=2026-01-01", "400 days at most"), ("to=99", "Enter a day") })
        {
            var page = await admin.Open($"{crew.Page}/reporting?{query}");
            Assert.Equal(400, page.Answer.Status);
            Assert.Contains(words, page.Document.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
            Assert.NotNull(page.Document.QuerySelector("[aria-invalid=true]"));
            Assert.Null(page.Document.QuerySelector("main script"));
        }
        Assert.Equal(200, (await admin.Open($"{crew.Page}/reporting?days=12&method=telepathy&role=nobody&people=x&devices=y")).Answer.Status);
        (await admin.Get($"{crew.Page}/reporting/days.csv?from=x")).Expect(400);
    }

    [Theory, Engines]
    public async Task The_drawing_is_well_formed_and_has_a_name_and_nothing_that_acts(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var member = await crew.Add("member", name: "<script>alert(1)</script> & \"Co\"");
        var boss = await crew.Add("admin");
        // Empty first: no drawing, no fault.
        var page = await (await app.SignedIn(await (await Crew.Found(app, "Nobody yet")).Add("owner"))).Open("/w/nobody-yet/reporting?from=2020-01-01&to=2020-02-01");
        Assert.Equal(200, page.Answer.Status);
        Assert.Empty(page.Document.QuerySelectorAll("svg[role=img]"));
        for (var day = 0; day < 5; day++)
        {
            await app.SignedIn(member);
            (await app.Visitor().SignIn(member.Email, "not the password")).Expect(401);
            app.Clock.Advance(TimeSpan.FromDays(1));
        }
        var admin = await app.SignedIn(boss);
        foreach (var query in new[] { "", "?days=90", $"?from={app.Now.AddDays(-366):yyyy-MM-dd}" })
        {
            page = await admin.Open($"{crew.Page}/reporting{query}");
            var drawing = page.Document.QuerySelectorAll("svg[role=img]");
            Assert.NotEmpty(drawing);
            foreach (var svg in drawing)
            {
                var xml = XElement.Parse(svg.OuterHtml);
                Assert.All(xml.DescendantsAndSelf(), part => Assert.Contains(part.Name.LocalName, new[] { "svg", "g", "title", "desc", "rect" }));
                Assert.DoesNotContain(xml.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "style" or "href" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
                Assert.NotNull(page.Document.GetElementById(svg.GetAttribute("aria-labelledby")!));
                foreach (var rect in xml.Descendants().Where(part => part.Name.LocalName == "rect"))
                {
                    double At(string name) => double.Parse(rect.Attribute(name)!.Value, CultureInfo.InvariantCulture);
                    Assert.InRange(At("x") + At("width"), 0, 280.1);
                    Assert.InRange(At("y"), 0, 100);
                    Assert.InRange(At("y") + At("height"), 0, 100.1);
                }
            }
            Assert.Empty(page.Document.QuerySelectorAll("main script, main [style], main style"));
            Assert.DoesNotContain("<script>alert(1)", page.Answer.Body, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task A_file_has_every_row_is_no_formula_and_is_named(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin", name: "=HYPERLINK(\"http://evil.example\")"));
        // More than one page of the list.
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < 430; i++)
            {
                var account = new Holdfast.Features.Accounts.Account { Id = Holdfast.Storage.Ids.New(app.Now), Email = $"person-{i}@almondbirch.example", Name = $"+Person {i}", CreatedAt = app.Now };
                await Holdfast.Features.Accounts.AccountTable.Insert(tx, account);
                await WorkspaceTable.AddMember(tx, crew.Id, account.Id, "member", app.Now);
            }
            return 0;
        });
        var file = (await admin.Get($"{crew.Page}/reporting/without-two-factor.csv")).Expect(200);
        Assert.Equal("text/csv; charset=utf-8", file.ContentType);
        Assert.Equal("attachment; filename=almond-birch-without-two-factor.csv; filename*=UTF-8''almond-birch-without-two-factor.csv", file.Header("Content-Disposition"));
        Assert.Contains("no-store", file.Header("Cache-Control"), StringComparison.Ordinal);
        var lines = file.Body.TrimEnd().Split("\r\n");
        Assert.Equal(1 + 431, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("\"'=HYPERLINK(\"\"http", StringComparison.Ordinal));
        Assert.Equal(430, lines.Count(line => line.StartsWith("\"'+Person", StringComparison.Ordinal)));
        Assert.Equal(1 + 1, (await admin.Get($"{crew.Page}/reporting/without-two-factor.csv?role=admin")).Expect(200).Body.TrimEnd().Split("\r\n").Length);
        Assert.Equal("\"Member\",\"430\",\"0\",\"430\"", (await admin.Get($"{crew.Page}/reporting/two-factor.csv")).Expect(200).Body.TrimEnd().Split("\r\n")[^1]);

        // On the page ten at a time, and the next ten behind the link.
        var page = await admin.Open($"{crew.Page}/reporting?role=member");
        var first = page.Document.QuerySelectorAll("#without tbody tr").Select(row => row.TextContent).ToList();
        Assert.Equal(10, first.Count);
        page = await admin.Open(page.Document.QuerySelector("#without .pager a")!.GetAttribute("href")!.Split('#')[0]);
        Assert.Empty(page.Document.QuerySelectorAll("#without tbody tr").Select(row => row.TextContent).Intersect(first));
    }
}
