using Frontdesk.Pages;
using Frontdesk.Storage;
using Holdfast.Client;

namespace Frontdesk.Desks;

/// <summary>Where calls come in: a workspace's, or somebody's own.</summary>
public sealed record Desk
{
    /// <summary>The address of a desk that is nobody's but the person's.</summary>
    public const string Own = "mine";

    /// <summary>The workspace's id, or the account's.</summary>
    public required string Id { get; init; }

    /// <summary>As people read it.</summary>
    public required string Name { get; init; }

    /// <summary>How addresses spell it.</summary>
    public string Key { get; init; } = Own;

    /// <summary>The person may change the receptionist and the number.</summary>
    public bool MaySettle { get; init; }

    /// <summary>What the receptionist is called.</summary>
    public string Receptionist { get; init; } = "";

    /// <summary>How she answers.</summary>
    public string Greeting { get; init; } = "";

    /// <summary>Such as 08:30.</summary>
    public string Opens { get; init; } = "";

    /// <summary>Such as 17:30.</summary>
    public string Closes { get; init; } = "";

    /// <summary>What is done with calls outside these hours.</summary>
    public string AfterHours { get; init; } = "";
}

/// <summary>Finds the desk that an address names, for whoever may see it: Holdfast says who is in which workspace, at every request. At first sight it makes it, with something to see on it.</summary>
public sealed class OpenDesk(Db db, SeedDesk seed, TimeProvider clock)
{
    /// <returns>Null when there is no such desk for this person.</returns>
    public Desk? Run(HoldfastPerson me, string key)
    {
        if (All(me).FirstOrDefault(d => d.Key == key) is not { } desk) return null;
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return db.Run(tx =>
        {
            if (tx.Count("SELECT COUNT(*) FROM desks WHERE id = @Id", new { desk.Id }) == 0) seed.Run(tx, desk, me.Id, Moments.Zone(me.TimeZone), now);
            tx.Execute("UPDATE desks SET name = @Name WHERE id = @Id AND name <> @Name", new { desk.Id, desk.Name });
            tx.Execute("INSERT INTO people (desk_id, account_id, name, seen_at) VALUES (@Desk, @Id, @Name, @now) ON CONFLICT DO UPDATE SET name = @Name, seen_at = @now", new { Desk = desk.Id, me.Id, me.Name, now });
            return tx.One<Desk>("SELECT id, name, receptionist, greeting, opens, closes, after_hours FROM desks WHERE id = @Id", new { desk.Id })! with { Key = desk.Key, MaySettle = desk.MaySettle };
        });
    }

    /// <summary>Those of the person's workspaces; their own where there is none, or they had it before.</summary>
    public IReadOnlyList<Desk> All(HoldfastPerson me)
    {
        List<Desk> all = [.. me.Workspaces.Select(w => new Desk { Id = w.Id, Name = w.Name, Key = w.Slug, MaySettle = w.Can("settings.edit") })];
        if (all.Count == 0 || db.Run(tx => tx.Count("SELECT COUNT(*) FROM desks WHERE id = @Id", new { me.Id })) > 0) all.Add(new Desk { Id = me.Id, Name = "My own desk", MaySettle = true });
        return all;
    }
}
