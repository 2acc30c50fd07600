using Holdfast.Features.Workspaces;

namespace Holdfast.Tests.Support;

/// <summary>A workspace with people in it.</summary>
public sealed class Crew(TestApp app, string id, string slug)
{
    public string Id { get; } = id;

    public string Slug { get; } = slug;

    public string Page => $"/w/{Slug}";

    public string Api => $"/api/v1/workspaces/{Slug}";

    public static async Task<Crew> Found(TestApp app, string name = "Almond & Birch")
    {
        var id = await app.Db.Write(tx => WorkspaceTable.Insert(tx, name, app.Now));
        return new Crew(app, id, (await app.Db.Read(tx => WorkspaceTable.ById(tx, id)))!.Slug);
    }

    /// <summary>Somebody new with this role.</summary>
    public async Task<Person> Add(string role, string? email = null, string? name = null)
    {
        var person = await app.AddAccount(email ?? $"somebody-{Guid.CreateVersion7():N}@almondbirch.example", name ?? "Tomasz Wiśniewski");
        await Join(person, role);
        return person;
    }

    public Task Join(Person person, string role) => app.Db.Write(async tx =>
    {
        await WorkspaceTable.AddMember(tx, Id, person.Id, role, app.Now);
        tx.Announce(new Holdfast.Storage.Announcement("account", person.Id));
        return 0;
    });

    /// <summary>Makes a custom role and gives its id.</summary>
    public Task<string> Role(string name, params string[] permissions) => app.Db.Write(async tx =>
    {
        var role = new Role(Holdfast.Storage.Ids.New(app.Now), name, Holdfast.Features.Workspaces.Role.Sort(permissions));
        if (!await RoleTable.Insert(tx, Id, role, "", app.Now)) throw new InvalidOperationException($"{name} is there");
        return role.Key;
    });

    /// <summary>What the database says somebody is here; null when they are no member.</summary>
    public async Task<Membership?> Membership(Person person) => await app.Db.Read(tx => MemberTable.Find(tx, Id, person.Id));
}
