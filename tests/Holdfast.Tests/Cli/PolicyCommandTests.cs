using Holdfast.Features.TwoFactor;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class PolicyCommandTests
{
    private static Task<Ended> Affected(TestDatabase database, string roles, int graceDays = 0) => HoldfastProcess.Run(
        new Dictionary<string, string> { ["HOLDFAST_TwoFactor__RequiredForRoles"] = roles, ["HOLDFAST_TwoFactor__GraceDays"] = $"{graceDays}" },
        ["policy", "--affected", "--data", database.Folder, .. database.Connection is { } connection ? new[] { "--postgres", connection } : []]);

    [Theory, Engines]
    public async Task Whom_a_rule_would_meet_is_known_before_it_is_turned_on(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var app = await TestApp.Start(engine, database: database);
        await app.SetUp();
        await app.AddAccount("ines@quayside.example", "Inês Duarte", workspace: "Harbour Co-op");
        var (tomasz, _, _) = await app.AddWithTwoFactor();
        await app.AddAccount("nobody@quayside.example", "Nobody Special");

        // Beside the running server, with a setting that is only planned.
        var owners = await Affected(database, "owner, admin");
        Assert.Equal((0, ""), (owners.Code, owners.Error));
        Assert.Equal(["greta@quayside.example\tGreta Lindqvist\tat the next sign-in"], owners.Lines.Skip(1));
        Assert.Equal(["greta@quayside.example", "ines@quayside.example"], (await Affected(database, "owner, member")).Lines.Skip(1).Select(line => line.Split('\t')[0]));
        Assert.Equal(["greta@quayside.example"], (await Affected(database, "operator")).Lines.Skip(1).Select(line => line.Split('\t')[0]));
        Assert.Equal("No role asks for two-factor.", (await Affected(database, "none")).Lines.Single());
        Assert.DoesNotContain(tomasz.Email, (await Affected(database, "owner, admin, member, operator")).Out, StringComparison.Ordinal);
        // With days of grace the moment stands there, counted from the first meeting where there was one.
        var met = app.Now.AddDays(-3);
        await app.Db.Write(async tx => { await TwoFactorTable.Meet(tx, (await Holdfast.Features.Accounts.AccountTable.ByEmail(tx, "greta@quayside.example"))!.Id, met); return 0; });
        Assert.Equal(Holdfast.Web.Moments.Machine(met.AddDays(14)), (await Affected(database, "owner", 14)).Lines[1].Split('\t')[2]);
    }
}
