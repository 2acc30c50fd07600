using Holdfast.Features.Audit;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class AuditCommandTests
{
    private static Task<Ended> Audit(TestDatabase database, params string[] args) => HoldfastProcess.Run(["audit", .. args, "--data", database.Folder, .. database.Connection is { } connection ? new[] { "--postgres", connection } : []]);

    [Theory, Engines]
    public async Task The_command_says_that_all_is_well_and_names_what_is_not(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var app = await TestApp.Start(engine, database: database);
        await app.SetUp();
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        (await owner.Patch(crew.Api, new { name = "Almond & Beech" })).Expect(204);
        await AuditChainTests.Seal(app);

        using var folder = new TemporaryFolder();
        var heads = folder.File("heads");
        var good = await Audit(database, "verify", "--heads", heads);
        Assert.Equal((0, ""), (good.Code, good.Error));
        Assert.Contains("good\tPlatform\t", good.Out, StringComparison.Ordinal);
        Assert.Contains("good\talmond-birch\t1 entries fit. Ends at number 1, ", good.Out, StringComparison.Ordinal);
        Assert.Matches($"(?m)^{crew.Id} 1 [0-9a-f]{{64}}$", await File.ReadAllTextAsync(heads));
        Assert.Matches("(?m)^good\tSecurity log\t[0-9]+ entries in ", (await HoldfastProcess.Run(["doctor", "--data", database.Folder, .. database.Connection is { } connection ? new[] { "--postgres", connection } : []])).Out);
        Assert.Contains("workspace.renamed", (await Audit(database, "export", "--workspace", "almond-birch")).Out, StringComparison.Ordinal);
        Assert.Equal(2, (await Audit(database, "verify", "--workspace", "nowhere")).Code);

        // All of the workspace's log is gone, its end too: only what was noted elsewhere knows.
        await AuditChainTests.Tamper(app, $"DELETE FROM audit_entries WHERE workspace_id = '{crew.Id}'; DELETE FROM audit_chain WHERE chain = '{crew.Id}'; DELETE FROM audit_heads WHERE chain = '{crew.Id}'");
        Assert.Equal(0, (await Audit(database, "verify")).Code);
        var lost = await Audit(database, "verify", "--heads", heads);
        Assert.Equal(1, lost.Code);
        Assert.Contains("bad\talmond-birch\tNumber 1 is not what was noted outside the database", lost.Out, StringComparison.Ordinal);

        await AuditChainTests.Tamper(app, "UPDATE audit_entries SET kind = 'sign_in.failed' WHERE id = (SELECT entry_id FROM audit_chain WHERE chain = '' AND number = 1)");
        var changed = await Audit(database, "verify");
        Assert.Equal(1, changed.Code);
        Assert.Matches("(?m)^bad\tPlatform\tNumber 1: entry [0-9a-f-]{36} was changed$", changed.Out);
        Assert.StartsWith("The security log is not what the server wrote", changed.OneError);
    }

    [Theory, Engines]
    public async Task The_doctor_sees_an_end_that_is_not_ours(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var app = await TestApp.Start(engine, database: database);
        await app.SetUp();
        await AuditChainTests.Seal(app);
        await app.Db.Write(tx => tx.Execute("UPDATE audit_heads SET number = number - 1"));
        var doctor = await HoldfastProcess.Run(["doctor", "--data", database.Folder, .. database.Connection is { } connection ? new[] { "--postgres", connection } : []]);
        Assert.Contains("bad\tSecurity log\tThe end of a chain is not what the server wrote", doctor.Out, StringComparison.Ordinal);
    }
}
