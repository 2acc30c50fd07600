using System.Text;
using System.Text.Json;
using Holdfast.Features.Erasure;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>The sample product from sign-in to erasure: whose data is whose, and what is left of somebody who is gone.</summary>
public sealed class FrontdeskTests
{
    /// <summary>Holdfast and the product, and what they need.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly ReservedPort _holdfast = new();
        private FrontdeskSample? _frontdesk;

        public ReservedPort Place { get; } = new();

        public TestApp App { get; private set; } = null!;

        public FrontdeskSample Frontdesk { get => _frontdesk!; set => _frontdesk = value; }

        public static async Task<Stage> Start(string engine)
        {
            var stage = new Stage();
            stage.App = await TestApp.Start(engine, FrontdeskSample.Registration(stage._holdfast, stage.Place));
            stage.Frontdesk = await FrontdeskSample.Start(stage.App, stage.Place);
            return stage;
        }

        public async ValueTask DisposeAsync()
        {
            if (_frontdesk is not null) await _frontdesk.DisposeAsync();
            await App.DisposeAsync();
            _holdfast.Dispose();
            Place.Dispose();
        }
    }

    private static byte[] Order(Person person, params string[] workspaces) =>
        JsonSerializer.SerializeToUtf8Bytes(new ErasureMessage("account.erase", DateTimeOffset.UnixEpoch, new ErasureMessageData(person.Id, person.Email, person.Name, "ER-2026-0217", DateTimeOffset.UnixEpoch, workspaces)), ErasureJson.Default.ErasureMessage);

    /// <summary>Takes the first number that the page offers.</summary>
    private static async Task<string> Take(Visitor here, string desk)
    {
        var page = await here.Open($"{desk}/receptionist");
        var number = page.Document.QuerySelector("input[name=number]")!.GetAttribute("value")!;
        Assert.Contains(number, (await page.Submit("form[action*=Take]", ("number", number))).Text, StringComparison.Ordinal);
        return number;
    }

    [Theory, Engines]
    public async Task People_see_the_desks_of_their_workspaces_and_nobody_elses(string engine)
    {
        await using var stage = await Stage.Start(engine);
        var (almond, harbour) = (await Crew.Found(stage.App), await Crew.Found(stage.App, "Harbour Co-op"));
        var (mara, duncan) = (await almond.Add("owner", "mara@almondbirch.example", "Mara Lindqvist"), await harbour.Add("owner", "duncan@harbourcoop.example", "Duncan Sinclair"));
        var alone = await stage.App.AddAccount("nora@example.com", "Nora Blum");
        Assert.Contains("Somebody answers.", (await stage.Frontdesk.Visitor().Open("/")).Text, StringComparison.Ordinal);
        var here = await stage.Frontdesk.SignedIn(mara);
        var overview = await here.Open("/");
        Assert.Equal($"/d/{almond.Slug}", overview.Path);
        Assert.Contains("Almond & Birch", overview.Text, StringComparison.Ordinal);
        foreach (var path in new[] { "calls", "leads", "appointments", "knowledge", "receptionist" })
        {
            (await here.Get($"/d/{almond.Slug}/{path}")).Expect(200);
            (await here.Get($"/d/{harbour.Slug}/{path}")).Expect(404);
            (await here.Get($"/d/{alone.Id}/{path}")).Expect(404);
            // Strangers are sent to sign in.
            (await stage.Frontdesk.Visitor().Get($"/d/{almond.Slug}/{path}")).Expect(303);
        }
        var call = (await here.Open($"/d/{almond.Slug}/calls")).Document.QuerySelector("a.row")!.GetAttribute("href")!;
        Assert.Contains("oak staircase", (await here.Open(call)).Text, StringComparison.Ordinal);
        var sound = (await here.Get(call + "/recording.wav")).Expect(200);
        Assert.Equal("audio/wav", sound.Header("Content-Type"));
        Assert.StartsWith("RIFF", sound.Body, StringComparison.Ordinal);
        // Another desk's call, by its number: under neither address.
        var there = await stage.Frontdesk.SignedIn(duncan);
        (await there.Get($"/d/{harbour.Slug}")).Expect(200);
        foreach (var path in new[] { call, call.Replace(almond.Slug, harbour.Slug, StringComparison.Ordinal) })
        {
            (await there.Get(path)).Expect(404);
            (await there.Get(path + "/recording.wav")).Expect(404);
        }
        // Who is in no workspace has a desk of their own.
        var own = await stage.Frontdesk.SignedIn(alone);
        Assert.Equal("/d/mine", (await own.Open("/")).Path);
        (await here.Get("/d/mine")).Expect(404);
        Assert.Equal(3, stage.Frontdesk.Count("desks"));
    }

    [Theory, Engines]
    public async Task A_number_is_one_desks_at_a_time_and_only_owners_and_admins_take_one(string engine)
    {
        await using var stage = await Stage.Start(engine);
        var (almond, harbour) = (await Crew.Found(stage.App), await Crew.Found(stage.App, "Harbour Co-op"));
        var (mara, member, duncan) = (await almond.Add("owner"), await almond.Add("member"), await harbour.Add("owner"));
        var (here, reader, there) = (await stage.Frontdesk.SignedIn(mara), await stage.Frontdesk.SignedIn(member), await stage.Frontdesk.SignedIn(duncan));
        var (first, second) = (await here.Open($"/d/{almond.Slug}/receptionist"), await there.Open($"/d/{harbour.Slug}/receptionist"));
        var number = first.Document.QuerySelector("input[name=number]")!.GetAttribute("value")!;
        var pages = await Task.WhenAll(first.Submit("form[action*=Take]", ("number", number)), second.Submit("form[action*=Take]", ("number", number)));
        Assert.Single(pages, page => page.Text.Contains("The number is yours.", StringComparison.Ordinal));
        Assert.Single(pages, page => page.Text.Contains("That number is not free any more", StringComparison.Ordinal));
        Assert.Equal(1, stage.Frontdesk.Count("numbers WHERE desk_id IS NOT NULL"));
        // A member reads it; a form made by hand is refused.
        var read = await reader.Open($"/d/{almond.Slug}/receptionist");
        Assert.Contains("Only owners and admins", read.Text, StringComparison.Ordinal);
        Assert.Null(read.Document.QuerySelector("form[action*=Take], form[action*=GiveBack]"));
        var token = read.Document.QuerySelector("input[name=form]")!.GetAttribute("value")!;
        foreach (var handler in new[] { "Take", "GiveBack", "Save" })
        {
            using var form = new FormUrlEncodedContent([new("form", token), new("number", number)]);
            (await reader.Send(HttpMethod.Post, $"/d/{almond.Slug}/receptionist?handler={handler}", form)).Expect(403);
            using var bare = new FormUrlEncodedContent([new("number", number)]);
            (await here.Send(HttpMethod.Post, $"/d/{almond.Slug}/receptionist?handler={handler}", bare)).Expect(400);
        }
        var (owner, slug) = pages[0].Text.Contains("The number is yours.", StringComparison.Ordinal) ? (here, almond.Slug) : (there, harbour.Slug);
        Assert.Contains("back in the pool", (await (await owner.Open($"/d/{slug}/receptionist")).Submit("form[action*=GiveBack]")).Text, StringComparison.Ordinal);
        Assert.Equal(0, stage.Frontdesk.Count("numbers WHERE desk_id IS NOT NULL"));
    }

    [Theory, Engines]
    public async Task A_workspace_that_goes_leaves_nothing_but_what_is_named_and_nobody_else_notices(string engine)
    {
        await using var stage = await Stage.Start(engine);
        var (app, frontdesk) = (stage.App, stage.Frontdesk);
        var (almond, harbour) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (mara, duncan) = (await almond.Add("owner", "mara@almondbirch.example", "Mara Lindqvist"), await harbour.Add("owner"));
        var holdfast = await app.SignedIn(mara);
        var (here, there) = (await frontdesk.SignedIn(holdfast), await frontdesk.SignedIn(duncan));
        (await there.Get($"/d/{harbour.Slug}")).Expect(200);
        var others = (frontdesk.Recordings, frontdesk.Count("calls"), frontdesk.Count("leads"));
        (await here.Get($"/d/{almond.Slug}")).Expect(200);
        var (number, theirs) = (await Take(here, $"/d/{almond.Slug}"), await Take(there, $"/d/{harbour.Slug}"));
        Assert.Equal(2 * others.Recordings.Count, frontdesk.Recordings.Count);
        await Leaving.Ask(holdfast);
        // The account is closed: nobody works at the desk, and nothing is gone yet.
        await Until(async () => (await here.Get($"/d/{almond.Slug}")).Status == 303);
        Assert.Equal(2, frontdesk.Count("desks"));
        var id = (await Leaving.Open(app, mara))!.Id;
        await Leaving.PassGrace(app);
        var receipt = JsonDocument.Parse((await Leaving.Finish(app, id)).Receipt!).RootElement.GetProperty("systems")[0];
        Assert.Equal("1 desk erased: 9 calls, 6 recordings and transcripts, 8 leads, 6 appointments, with notes and answers. 1 phone number back in the pool.", receipt.GetProperty("said").GetString());
        Assert.Equal(["5 e-mails already sent: with those who got them.", "4 copies of leads in the CRM that was connected: delete them there.", "5 calendar entries: in the calendars of both sides."], receipt.GetProperty("kept").EnumerateArray().Select(line => line.GetString()));
        Assert.Equal(0, frontdesk.Count("numbers WHERE number = @number AND desk_id IS NOT NULL", new { number }));
        Assert.Equal(1, frontdesk.Count("numbers WHERE number = @theirs AND desk_id IS NOT NULL", new { theirs }));
        Assert.Equal(others.Recordings, frontdesk.Recordings);
        Assert.Equal((others.Item2, others.Item3), (frontdesk.Count("calls"), frontdesk.Count("leads")));
        (await (await frontdesk.SignedIn(duncan)).Get($"/d/{harbour.Slug}")).Expect(200);
        // Nothing of them is in any byte of the product's folder, but for Holdfast's message and our answer.
        foreach (var file in Directory.EnumerateFiles(frontdesk.Folder, "frontdesk.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            foreach (var trace in new[] { mara.Id, mara.Name, almond.Id }) Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(trace)));
        }
    }

    [Theory, Engines]
    public async Task Who_leaves_others_behind_takes_voice_words_and_notes_along_and_the_desk_goes_on(string engine)
    {
        await using var stage = await Stage.Start(engine);
        var (app, frontdesk) = (stage.App, stage.Frontdesk);
        var crew = await Crew.Found(app);
        await crew.Add("owner");
        var member = await crew.Add("member", "jonas@almondbirch.example", "Jonas Weidner");
        // The desk is opened by the member: some of what is on it is theirs.
        var holdfast = await app.SignedIn(member);
        var here = await frontdesk.SignedIn(holdfast);
        (await here.Get($"/d/{crew.Slug}")).Expect(200);
        await Leaving.Ask(holdfast);
        var id = (await Leaving.Open(app, member))!.Id;
        await Leaving.PassGrace(app);
        var receipt = JsonDocument.Parse((await Leaving.Finish(app, id)).Receipt!).RootElement.GetProperty("systems")[0];
        Assert.StartsWith("At desks that stay: 2 recordings and 2 notes erased", receipt.GetProperty("said").GetString(), StringComparison.Ordinal);
        Assert.Equal("Leads, appointments and answers at desks of workspaces that go on, without a name.", Assert.Single(receipt.GetProperty("kept").EnumerateArray()).GetString());
        Assert.Equal((1, 9, 8, 4), (frontdesk.Count("desks"), frontdesk.Count("calls"), frontdesk.Count("leads"), frontdesk.Recordings.Count));
        foreach (var trace in new[] { "calls WHERE taken_by = @Id", "leads WHERE owner_id = @Id", "appointments WHERE host_id = @Id", "articles WHERE author_id = @Id", "notes WHERE author_id = @Id", "people WHERE account_id = @Id" }) Assert.Equal(0, frontdesk.Count(trace, new { member.Id }));
    }

    [Fact]
    public async Task Told_twice_it_answers_the_same_and_a_changed_call_is_refused()
    {
        await using var stage = await Stage.Start(TestDatabase.Sqlite);
        var frontdesk = stage.Frontdesk;
        var person = await stage.App.AddAccount("nora@example.com", "Nora Blum");
        (await (await frontdesk.SignedIn(person)).Get("/d/mine")).Expect(200);
        var order = Order(person);
        (await frontdesk.Tell("er_1_erase_frontdesk", order, "whsec_GBkaGxwdHh8gISIjJCUmJygpKissLS4v")).Expect(401);
        (await frontdesk.Tell("er_1_erase_frontdesk", order, change: body => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(person.Id, "somebody-else", StringComparison.Ordinal)))).Expect(401);
        Assert.Equal(1, frontdesk.Count("desks"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => frontdesk.Tell("er_1_erase_frontdesk", order)));
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 409 }));
        var said = answers.First(answer => answer.Status == 200).Body;
        Assert.Contains("5 e-mails already sent", said, StringComparison.Ordinal);
        Assert.Empty(frontdesk.Recordings);
        // Days later, and by the next process.
        stage.App.Clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal(said, (await frontdesk.Tell("er_1_erase_frontdesk", order)).Expect(200).Body);
        await frontdesk.Stop();
        stage.Frontdesk = await FrontdeskSample.Start(stage.App, stage.Place, frontdesk.Folder);
        Assert.Equal(said, (await stage.Frontdesk.Tell("er_1_erase_frontdesk", order)).Expect(200).Body);
        // Somebody who is not there is done.
        Assert.Contains("Nothing was held.", (await stage.Frontdesk.Tell("er_2_erase_frontdesk", order)).Expect(200).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_between_the_rows_and_the_files_it_goes_on_where_it_was()
    {
        await using var stage = await Stage.Start(TestDatabase.Sqlite);
        var frontdesk = stage.Frontdesk;
        var person = await stage.App.AddAccount("nora@example.com", "Nora Blum");
        (await (await frontdesk.SignedIn(person)).Get("/d/mine")).Expect(200);
        var files = frontdesk.Recordings;
        // As it stands after the transaction: rows gone, answer written, files there.
        frontdesk.Db.Run(tx =>
        {
            foreach (var table in new[] { "calls", "leads", "notes", "appointments", "articles", "people", "desks" }) tx.Execute($"DELETE FROM {table}");
            return tx.Execute("INSERT INTO erasures (message_id, answer) VALUES ('er_1_erase_frontdesk', '{\"message\":\"1 desk erased.\",\"kept\":[\"5 e-mails\"]}')");
        });
        Assert.Equal(6, files.Count);
        Assert.Equal("""{"message":"1 desk erased.","kept":["5 e-mails"]}""", (await frontdesk.Tell("er_1_erase_frontdesk", Order(person))).Expect(200).Body);
        Assert.Empty(frontdesk.Recordings);
        // And a start by itself sweeps what a killed one left.
        await File.WriteAllTextAsync(Path.Combine(frontdesk.Folder, "recordings", "77.wav"), "left behind");
        await frontdesk.Stop();
        stage.Frontdesk = await FrontdeskSample.Start(stage.App, stage.Place, frontdesk.Folder);
        Assert.Empty(stage.Frontdesk.Recordings);
    }

    private static async Task Until(Func<Task<bool>> true_)
    {
        for (var i = 0; !await true_(); i++)
        {
            if (i > 600) throw new TimeoutException("Waited fifteen seconds");
            await Task.Delay(25);
        }
    }
}
