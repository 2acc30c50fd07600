using System.Globalization;
using Frontdesk.Storage;

namespace Frontdesk.Desks;

/// <summary>Fills a new desk with two weeks of calls and what came of them, so that there is something to see, and something to erase.</summary>
public sealed class SeedDesk(Recordings recordings)
{
    private const long Day = 24L * 60 * 60 * 1000;

    /// <summary>In the transaction that makes the desk.</summary>
    /// <param name="me">Whose doings some of it is: the account that opened the desk.</param>
    /// <param name="zone">Whose hours the appointments are at.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    internal void Run(Tx tx, Desk desk, string me, TimeZoneInfo zone, long now)
    {
        tx.Execute(
            "INSERT INTO desks (id, name, opened_at, receptionist, greeting, opens, closes, after_hours) VALUES (@Id, @Name, @now, 'Wren', 'Good morning, this is the front desk. How can I help?', '08:30', '17:30', 'message')",
            new { desk.Id, desk.Name, now });
        foreach (var lead in SeedWords.Leads)
        {
            var came = Ago(now, lead.DaysAgo);
            var id = tx.Count("INSERT INTO leads (desk_id, name, phone, email, wish, state, came_at, owner_id, crm_at) VALUES (@Desk, @Name, @Phone, @Email, @Wish, @State, @came, @owner, @crm) RETURNING id",
                new { Desk = desk.Id, lead.Name, lead.Phone, lead.Email, lead.Wish, lead.State, came, owner = lead.Mine ? me : null, crm = lead.CopiedToCrm ? came + 60_000 : (long?)null });
            if (lead.Note is not null) tx.Execute("INSERT INTO notes (desk_id, lead_id, author_id, text, written_at) VALUES (@Desk, @id, @me, @Note, @at)", new { Desk = desk.Id, id, me, lead.Note, at = came + 3_600_000 });
        }
        foreach (var call in SeedWords.Calls) AddCall(tx, desk.Id, me, call, now);
        foreach (var one in SeedWords.Appointments)
        {
            var day = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(now), zone).Date.AddDays(one.InDays).AddHours(one.Hour);
            var at = new DateTimeOffset(day, zone.GetUtcOffset(day)).ToUnixTimeMilliseconds();
            tx.Execute("INSERT INTO appointments (desk_id, guest, about, at, minutes, host_id, in_calendar, mailed_at) VALUES (@Desk, @Guest, @About, @at, @Minutes, @host, @calendar, @mailed)",
                new { Desk = desk.Id, one.Guest, one.About, at, one.Minutes, host = one.Mine ? me : null, calendar = one.InCalendar ? 1 : 0, mailed = one.Mailed ? Ago(now, 1) : (long?)null });
        }
        foreach (var (question, answer) in SeedWords.Articles) tx.Execute("INSERT INTO articles (desk_id, question, answer, author_id, changed_at) VALUES (@Id, @question, @answer, @me, @at)", new { desk.Id, question, answer, me, at = Ago(now, 12) });
    }

    private void AddCall(Tx tx, string desk, string me, SeedCall call, long now)
    {
        var id = tx.Count("INSERT INTO calls (desk_id, caller, phone, came_at, seconds, outcome, summary, transcript, taken_by) VALUES (@desk, @Caller, @Phone, @came, @Seconds, @Outcome, @Summary, @transcript, @by) RETURNING id",
            new { desk, call.Caller, call.Phone, came = Ago(now, call.DaysAgo), call.Seconds, call.Outcome, call.Summary, transcript = call.Lines.Length == 0 ? null : string.Join('\n', call.Lines), by = call.Mine ? me : null });
        if (call.Recorded == 0) return;
        var file = id.ToString(CultureInfo.InvariantCulture) + ".wav";
        recordings.Write(file, MakeTone.Run(call.Recorded, (int)(id % 1000)));
        tx.Execute("UPDATE calls SET recording = @file WHERE id = @id", new { id, file });
    }

    private static long Ago(long now, double days) => now - (long)(days * Day);
}
