using System.Globalization;
using System.Text.Json;
using Frontdesk.Desks;
using Frontdesk.Numbers;
using Frontdesk.Storage;
using Holdfast.Client;

namespace Frontdesk.Erasing;

/// <summary>
/// What erasing a person means here. A desk goes whole where its workspace goes, or where it was the person's own: its number is back in the pool, its recordings are off the disk. At every other desk what the person made or what is of them goes (the calls that
/// they took, with voice and words; their notes), and their name comes off the rest. What has left the product cannot be called back: it is counted, and named in the receipt.
/// </summary>
public sealed class ErasePerson(Db db, Recordings recordings)
{
    /// <summary>May be called again at any time, also after it was killed half-way: rows and answer are one transaction, and the files are swept after it.</summary>
    public HoldfastErased Run(HoldfastErasure person)
    {
        var answer = db.Run(tx =>
        {
            if (ErasureLog.Find(tx, person.Message) is { } said) return said.Answer;
            var erased = JsonSerializer.Serialize(Erase(tx, person), JsonSerializerOptions.Web);
            ErasureLog.Keep(tx, person.Message, erased);
            return erased;
        });
        recordings.KeepOnlyKnown(db);
        return JsonSerializer.Deserialize<HoldfastErased>(answer, JsonSerializerOptions.Web)!;
    }

    private static HoldfastErased Erase(Tx tx, HoldfastErasure person)
    {
        var desks = tx.Many<string>("SELECT id FROM desks WHERE id IN @ids", new { ids = (string[])[person.Account, .. person.Workspaces] });
        var all = new Counts();
        foreach (var desk in desks) all += Whole(tx, desk);
        var one = OfPerson(tx, person.Account);
        if (desks.Count == 0 && one.IsNothing) return new HoldfastErased("Nothing was held.");
        var said = new List<string>();
        if (desks.Count > 0) said.Add($"{Say(desks.Count, "desk")} erased: {Say(all.Calls, "call")}, {Say(all.Recordings, "recording")} and transcripts, {Say(all.Leads, "lead")}, {Say(all.Appointments, "appointment")}, with notes and answers.{(all.Numbers > 0 ? $" {Say(all.Numbers, "phone number")} back in the pool." : "")}");
        if (!one.IsNothing) said.Add($"At desks that stay: {Say(one.Recordings, "recording")} and {Say(one.Notes, "note")} erased, a name taken off {Say(one.Names, "entry", "entries")}.");
        return new HoldfastErased(string.Join(' ', said), Kept(all, one));
    }

    /// <summary>What the product has given away before.</summary>
    private static List<string> Kept(Counts all, OfOne one)
    {
        var kept = new List<string>();
        if (all.Mails > 0) kept.Add($"{Say(all.Mails, "e-mail")} already sent: with those who got them.");
        if (all.Copies > 0) kept.Add($"{Say(all.Copies, "copy", "copies")} of leads in the CRM that was connected: delete them there.");
        if (all.Entries > 0) kept.Add($"{Say(all.Entries, "calendar entry", "calendar entries")}: in the calendars of both sides.");
        if (!one.IsNothing) kept.Add("Leads, appointments and answers at desks of workspaces that go on, without a name.");
        return kept;
    }

    private static Counts Whole(Tx tx, string desk)
    {
        long Count(string what) => tx.Count($"SELECT COUNT(*) FROM {what}", new { desk });
        var counts = new Counts(
            Count("calls WHERE desk_id = @desk"), Count("calls WHERE desk_id = @desk AND recording IS NOT NULL"), Count("leads WHERE desk_id = @desk"), Count("appointments WHERE desk_id = @desk"),
            Count("numbers WHERE desk_id = @desk"), Count("appointments WHERE desk_id = @desk AND mailed_at IS NOT NULL"), Count("leads WHERE desk_id = @desk AND crm_at IS NOT NULL"), Count("appointments WHERE desk_id = @desk AND in_calendar = 1"));
        NumberPool.GiveBack(tx, desk);
        foreach (var table in (string[])["calls", "notes", "leads", "appointments", "articles", "people"]) tx.Execute($"DELETE FROM {table} WHERE desk_id = @desk", new { desk });
        tx.Execute("DELETE FROM desks WHERE id = @desk", new { desk });
        return counts;
    }

    private static OfOne OfPerson(Tx tx, string me)
    {
        var recordings = tx.Count("SELECT COUNT(*) FROM calls WHERE taken_by = @me AND recording IS NOT NULL", new { me });
        // Their voice and their words; that there was a call, and what it led to, is the desk's.
        var calls = tx.Execute("UPDATE calls SET recording = NULL, transcript = NULL, taken_by = NULL, erased = 1 WHERE taken_by = @me", new { me });
        var notes = tx.Execute("DELETE FROM notes WHERE author_id = @me", new { me });
        var names = calls + tx.Execute("UPDATE leads SET owner_id = NULL WHERE owner_id = @me", new { me }) + tx.Execute("UPDATE appointments SET host_id = NULL WHERE host_id = @me", new { me }) + tx.Execute("UPDATE articles SET author_id = NULL WHERE author_id = @me", new { me });
        var seen = tx.Execute("DELETE FROM people WHERE account_id = @me", new { me });
        return new OfOne(recordings, notes, names, seen);
    }

    private static string Say(long count, string one, string? many = null) => count.ToString(CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many ?? one + "s");

    /// <param name="Mails">Sent already.</param>
    /// <param name="Copies">Leads that the CRM has as well.</param>
    /// <param name="Entries">In calendars.</param>
    private readonly record struct Counts(long Calls, long Recordings, long Leads, long Appointments, long Numbers, long Mails, long Copies, long Entries)
    {
        public static Counts operator +(Counts a, Counts b) => new(a.Calls + b.Calls, a.Recordings + b.Recordings, a.Leads + b.Leads, a.Appointments + b.Appointments, a.Numbers + b.Numbers, a.Mails + b.Mails, a.Copies + b.Copies, a.Entries + b.Entries);
    }

    private readonly record struct OfOne(long Recordings, long Notes, long Names, long Seen)
    {
        public bool IsNothing => Recordings + Notes + Names + Seen == 0;
    }
}
