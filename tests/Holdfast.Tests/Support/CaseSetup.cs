using Holdfast.Features.Accounts;
using Holdfast.Features.ResetCases;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;

namespace Holdfast.Tests.Support;

/// <summary>A workspace whose admin asks for the reset of a member's two-factor, and an operator who decides.</summary>
public sealed class CaseSetup
{
    public const string Reason = "Phone lost on a train yesterday evening, the codes were on it.";

    private CaseSetup(TestApp app, Crew crew) => (App, Crew) = (app, crew);

    public TestApp App { get; }

    public Crew Crew { get; }

    public Person Admin { get; private set; } = null!;

    public Visitor AdminBrowser { get; private set; } = null!;

    public Person Member { get; private set; } = null!;

    public Phone Phone { get; private set; } = null!;

    public Visitor MemberBrowser { get; private set; } = null!;

    public Person Operator { get; private set; } = null!;

    public Visitor OperatorBrowser { get; private set; } = null!;

    public static object Decision => new { way = "call", evidence = "Called back. She named her last two bookings.", noStake = true };

    public static object Request => new { lost = new[] { "phone", "codes" }, reason = Reason, reach = "+48 22 555 01 47", known = true };

    public static async Task<CaseSetup> Make(TestApp app)
    {
        var setup = new CaseSetup(app, await Crew.Found(app));
        setup.Admin = await setup.Crew.Add("admin", "mara@almondbirch.example", "Mara Lindqvist");
        (setup.Member, setup.Phone, setup.MemberBrowser) = await app.AddWithTwoFactor();
        await setup.Crew.Join(setup.Member, "member");
        setup.Operator = await MakeOperator(app, "ada@quayside.example", "Ada Brandt");
        setup.AdminBrowser = await app.SignedIn(setup.Admin);
        setup.OperatorBrowser = await app.SignedIn(setup.Operator);
        return setup;
    }

    public static async Task<Person> MakeOperator(TestApp app, string email, string name)
    {
        var person = await app.AddAccount(email, name);
        await Promote(app, person);
        return person;
    }

    public static Task Promote(TestApp app, Person person) => app.Db.Write(async tx =>
    {
        await AccountTable.MakeOperator(tx, person.Id, app.Now);
        tx.Announce(new Announcement("account", person.Id));
        return 0;
    });

    public string Api => AddressFor(Member);

    public string AddressFor(Person person) => $"{Crew.Api}/users/{person.Id}/two-factor-reset";

    /// <returns>The id of the case.</returns>
    public async Task<string> Ask() => (await AdminBrowser.Post(Api, Request)).Expect(201).Json.GetProperty("id").GetString()!;

    public async Task<string> AskAndApprove()
    {
        var id = await Ask();
        (await OperatorBrowser.Post($"/api/v1/operator/cases/{id}/approve", Decision)).Expect(204);
        return id;
    }

    /// <summary>Asked, approved, reminded of, and at its due moment: nothing has looked at it since.</summary>
    public async Task<string> Due()
    {
        var id = await AskAndApprove();
        App.Clock.Advance(TimeSpan.FromHours(12));
        await Run();
        App.Clock.Advance(TimeSpan.FromHours(12));
        return id;
    }

    public Task Run() => App.Get<RunResetCases>().RunDue(CancellationToken.None);

    public async Task<ResetCase> Case(string id) => (await App.Db.Read(tx => ResetCaseTable.ById(tx, id)))!;

    public async Task<bool> HasFactors() => (await App.Db.Read(tx => TwoFactorTable.Of(tx, Member.Id))).IsOn;

    public Task<string> StopLink() => App.LastLink(Member.Email, "/stop-reset");
}
