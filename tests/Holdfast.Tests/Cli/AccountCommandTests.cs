using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class AccountCommandTests
{
    private static string[] Where(TestDatabase database) => database.Connection is { } connection ? ["--data", database.Folder, "--postgres", connection] : ["--data", database.Folder];

    private static Task<Ended> Create(TestDatabase database, string email, params string[] more) => HoldfastProcess.Run(["account", "create", "--email", email, "--name", "Ann Example", .. more, .. Where(database)]);

    /// <summary>Kinds of a person's entries, oldest first, and that nobody's hand but the server's is in them.</summary>
    private static async Task<List<string>> Entries(TestDatabase database, string email)
    {
        await using var engine = Engine.OpenReadOnly(TestSettings.Read(database.Settings()));
        var db = new Db(engine, new Announcements(TimeProvider.System));
        var account = await db.Read(tx => AccountTable.ByEmail(tx, email));
        var rows = await db.Read(tx => AuditTable.OfAccount(tx, account!.Id, [], DateTimeOffset.UnixEpoch, null, 100));
        Assert.All(rows, row => Assert.Equal(("", "command_line"), (row.ActorId, row.Facts["by"])));
        return [.. rows.Select(row => row.Kind).Reverse()];
    }

    [Theory, Engines]
    public async Task An_account_is_made_without_a_password_and_listed(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        var created = await Create(database, "ann@example.com", "--workspace", "Acme Inc", "--operator");
        Assert.Equal((0, ""), (created.Code, created.Error));
        Assert.Matches(@"http://localhost:8080/reset-password\?token=[\w-]{43}\n", created.Out);
        Assert.Equal(0, (await Create(database, "Bob@example.com", "--workspace", "acme-inc")).Code);

        var listed = await HoldfastProcess.Run(["account", "list", .. Where(database)]);
        Assert.Equal(0, listed.Code);
        Assert.Equal(3, listed.Lines.Count);
        Assert.Matches(@"^ann@example\.com\tAnn Example\tacme-inc \(owner\)\tyes\t\d{4}-\d\d-\d\dT[\d:]+Z$", listed.Lines[1]);
        Assert.Matches(@"^Bob@example\.com\tAnn Example\tacme-inc \(member\)\t\t", listed.Lines[2]);
        Assert.Equal([AuditKind.AccountCreated, AuditKind.OperatorAdded, AuditKind.ResetLinkMade], (await Entries(database, "ann@example.com")).Order());
    }

    [Theory, Engines]
    public async Task An_address_that_is_taken_or_no_address_is_refused(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await Create(database, "ann@example.com");
        var taken = await Create(database, "ANN@example.com");
        Assert.Equal((1, "Another account has this e-mail address."), (taken.Code, taken.OneError));
        var wrong = await Create(database, "ann at example");
        Assert.Equal((1, "Write an e-mail address, such as name@example.com."), (wrong.Code, wrong.OneError));
    }

    [Theory, Engines]
    public async Task The_last_operator_stays(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await Create(database, "ann@example.com", "--operator");
        await Create(database, "bob@example.com");
        Task<Ended> Operator(string what, string email) => HoldfastProcess.Run(["operator", what, email, .. Where(database)]);

        var last = await Operator("remove", "ann@example.com");
        Assert.Equal((1, "This is the last operator. Make another one first."), (last.Code, last.OneError));
        Assert.Equal("This person is no operator.", (await Operator("remove", "bob@example.com")).OneError);
        Assert.Equal("Nobody has an account with this e-mail address.", (await Operator("add", "eve@example.com")).OneError);
        Assert.Equal(0, (await Operator("add", "Bob@example.com")).Code);
        Assert.Equal("This person is an operator already.", (await Operator("add", "bob@example.com")).OneError);
        Assert.Equal(0, (await Operator("remove", "ann@example.com")).Code);
        Assert.Equal(1, (await Operator("remove", "bob@example.com")).Code);
        Assert.Equal(AuditKind.OperatorRemoved, (await Entries(database, "ann@example.com"))[^1]);
        Assert.Equal(AuditKind.OperatorAdded, (await Entries(database, "bob@example.com"))[^1]);
    }

    [Fact]
    public async Task Two_operators_who_remove_each_other_at_once_leave_one()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, $"No PostgreSQL here: ./test starts one, or set {TestDatabase.Variable}");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres);
        await Create(database, "ann@example.com", "--operator");
        await Create(database, "bob@example.com", "--operator");
        await using var engine = Engine.Open(TestSettings.Read(database.Settings()));
        var change = new ChangeOperators(new Db(engine, new Announcements(TimeProvider.System)), TimeProvider.System);
        for (var round = 0; round < 20; round++)
        {
            var outcomes = await Task.WhenAll(Task.Run(() => change.Remove("ann@example.com")), Task.Run(() => change.Remove("bob@example.com")));
            Assert.Equal(1, outcomes.Count(outcome => outcome.Ok));
            await change.Add(outcomes[0].Ok ? "ann@example.com" : "bob@example.com");
        }
    }

    [Fact]
    public async Task A_reset_link_opens_the_form_once_the_server_runs()
    {
        using var folder = new TemporaryFolder();
        await HoldfastProcess.Run("account", "create", "--email", "ann@example.com", "--name", "Ann", "--data", folder.Path);
        var port = HoldfastProcess.FreePort();
        var made = await HoldfastProcess.Run(new Dictionary<string, string> { ["HOLDFAST_Port"] = $"{port}" }, "account", "reset-link", "Ann@example.com", "--data", folder.Path);
        var link = Printed.Find(made.Out, @"(http://localhost:\d+/reset-password\?token=\S+)");
        Assert.StartsWith($"http://localhost:{port}/", link);

        await using var server = await HoldfastProcess.Serve("--data", folder.Path, "--port", $"{port}");
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        // The token leaves the address bar before anything else.
        using var moved = await http.GetAsync(link);
        Assert.Equal("/reset-password", moved.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_link_for_nobody_is_refused_and_a_wrong_folder_makes_no_database()
    {
        using var folder = new TemporaryFolder();
        var nowhere = await HoldfastProcess.Run("account", "reset-link", "ann@example.com", "--data", folder.Path);
        Assert.Equal((2, $"Data: there is no database in {folder.Path} yet."), (nowhere.Code, nowhere.OneError));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        await HoldfastProcess.Run("migrate", "--data", folder.Path);
        var nobody = await HoldfastProcess.Run("account", "reset-link", "ann@example.com", "--data", folder.Path);
        Assert.Equal((1, "Nobody has an account with this e-mail address."), (nobody.Code, nobody.OneError));
    }

    [Theory, Engines]
    public async Task Two_factor_is_reset_for_somebody_who_has_lost_app_and_codes(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        Person person;
        await using (var app = await TestApp.Start(engine, database: database)) (person, _, _) = await app.AddWithTwoFactor();
        Task<Ended> Reset(string email) => HoldfastProcess.Run(["account", "reset-two-factor", email, .. Where(database)]);

        Assert.Equal((1, "Nobody has an account with this e-mail address."), ((await Reset("eve@example.com")).Code, (await Reset("eve@example.com")).OneError));
        var done = await Reset(person.Email.ToUpperInvariant());
        Assert.Equal((0, ""), (done.Code, done.Error));
        Assert.StartsWith(person.Email, done.Out);
        Assert.Equal((1, "Two-factor is not on."), ((await Reset(person.Email)).Code, (await Reset(person.Email)).OneError));

        await using var again = await TestApp.Start(engine, database: database);
        foreach (var table in new[] { "totp_apps", "recovery_codes", "sessions WHERE ended_at IS NULL" }) Assert.Equal(0, await again.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}")));
        var letter = (await again.Letters(person.Email)).Single(l => l.Subject == "Two-factor was reset");
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));
        var there = await again.SignedIn(person);
        Assert.Contains("two_factor.reset", await there.Activity());
    }
}
